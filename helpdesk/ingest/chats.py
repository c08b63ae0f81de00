"""Filing exported conversations: into contacts, tickets and messages, a chunk at a time.

A message is known by its key, so filing twice adds nothing. A ticket is brought up to date when
the last message of its thread was filed; until then a long thread spans several transactions.
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from sqlalchemy.orm import Session

from helpdesk.blobs import BlobStore
from helpdesk.ingest import chat_contacts, chat_rows, conversations, standing
from helpdesk.ingest.chat_rows import Entry, Known, Reply
from helpdesk.ingest.conversations import Matter
from helpdesk.ingest.reading import ReadyAttachment
from helpdesk.ingest.spool import Spooled, Thread
from helpdesk.ingest.standing import News, Rules
from helpdesk.outbox import service as outbox
from helpdesk.tickets.kinds import Channel

Media: TypeAlias = Mapping[str, tuple[ReadyAttachment, ...]]  # by key of the message


@dataclass(slots=True)
class Filed:
    """What became of a chunk; `to_match` are tickets in which the participant said more."""

    new: int = 0
    known: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    to_match: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _Chat:
    """A contact whose thread is being filed, and what was done to its tickets so far."""

    contact_id: int
    channel: Channel
    matters: list[Matter]
    heard: set[int] = field(default_factory=set)
    anew: set[int] = field(default_factory=set)
    asked: set[int] = field(default_factory=set)

    def forget(self, gone: Collection[int]) -> None:
        """Leave out tickets that went into others, and those that never got a number."""
        for each in (self.heard, self.anew, self.asked):
            each.difference_update(gone, [one for one in each if one < 0])


@dataclass(slots=True)
class _Changes:
    """What a chunk is going to write."""

    entries: list[tuple[_Chat, Matter, Spooled]] = field(default_factory=list)
    opened: list[tuple[Matter, _Chat]] = field(default_factory=list)
    joined: list[tuple[Matter, Matter]] = field(default_factory=list)  # what went into what
    texts: dict[int, str] = field(default_factory=dict)
    adopted: list[int] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)


class Filer:
    """Files the chunks of one export in order; remembers the thread that goes on in the next."""

    def __init__(self, blobs: BlobStore, rules: Rules, batch_id: int | None) -> None:
        self._blobs = blobs
        self._rules = rules
        self._batch_id = batch_id
        self._chats: dict[int, _Chat] = {}

    def file(
        self, session: Session, chunk: Sequence[Spooled], media: Media, now: dt.datetime
    ) -> Filed:
        """File messages that come in the order of `Spool.read`; `media` are files of new ones."""
        contacts = chat_contacts.find(session, dict.fromkeys(each.thread for each in chunk), now)
        known = chat_rows.known(session, {each.key for each in chunk})
        self._meet(session, contacts, chunk, known)
        replies = self._replies(session, contacts, chunk, known)
        filed, changes = Filed(), _Changes()
        for each in chunk:
            chat = self._chats.get(contacts[each.thread])
            found = known.get(each.key)
            if found is not None:
                self._meet_again(each, found, chat, filed, changes)
            elif chat is not None:
                self._place(session, each, chat, replies, filed, changes)
        self._write(session, changes, media, now)
        self._close(session, contacts, chunk, filed, now)
        return filed

    def _meet(
        self,
        session: Session,
        contacts: Mapping[Thread, int],
        chunk: Sequence[Spooled],
        known: Mapping[str, Known],
    ) -> None:
        """Load the tickets of contacts with something to do, unless they are loaded already."""
        todo = {
            contacts[each.thread]: each.thread.channel
            for each in chunk
            if each.key not in known or self._is_mine(known[each.key]) or _edits(each, known)
        }
        fresh = [each for each in todo if each not in self._chats]
        if fresh:
            for contact_id, matters in chat_rows.matters(session, fresh).items():
                self._chats[contact_id] = _Chat(contact_id, todo[contact_id], matters)

    def _replies(
        self,
        session: Session,
        contacts: Mapping[Thread, int],
        chunk: Sequence[Spooled],
        known: Mapping[str, Known],
    ) -> Mapping[int, list[Reply]]:
        said = [each for each in chunk if each.message.ours and each.key not in known]
        if not said:
            return {}
        since = min(each.message.sent_at for each in said)
        asked = {contacts[each.thread] for each in said}
        return chat_rows.replies(session, self._blobs, asked, since)

    def _is_mine(self, found: Known) -> bool:
        """Tell whether an earlier run of this import filed it, or one that failed."""
        return found.unfinished or (
            self._batch_id is not None and found.import_id == self._batch_id
        )

    def _meet_again(
        self, each: Spooled, found: Known, chat: _Chat | None, filed: Filed, changes: _Changes
    ) -> None:
        mine = self._is_mine(found)
        filed.new += mine
        filed.known += not mine
        if found.unfinished:
            changes.adopted.append(found.id)
        edited = _is_edit(each, found)
        if edited:
            changes.texts[found.id] = each.message.text
        if chat is not None and (mine or edited):
            chat.heard.add(found.ticket_id)
            if mine:
                chat.anew.add(found.ticket_id)
            if found.inbound:
                chat.asked.add(found.ticket_id)

    def _place(
        self,
        session: Session,
        each: Spooled,
        chat: _Chat,
        replies: Mapping[int, list[Reply]],
        filed: Filed,
        changes: _Changes,
    ) -> None:
        message = each.message
        if message.ours and not message.event:
            reply = _matching(replies.get(chat.contact_id, ()), each)
            if reply is not None:
                if conversations.normalised(message.text) in reply.last:
                    changes.seen.add(reply.delivery_id)
                filed.known += 1
                return
        if message.event:
            matter = conversations.begun_before(chat.matters, message.sent_at)
        else:
            matter = self._matter(session, chat, message.sent_at, changes)
        if matter is None:
            filed.skipped["only_events"] += 1
            return
        filed.new += 1
        changes.entries.append((chat, matter, each))

    def _matter(self, session: Session, chat: _Chat, at: dt.datetime, changes: _Changes) -> Matter:
        """Return the matter something said belongs to: one there is, several made one, a new."""
        covering = conversations.covering(chat.matters, at, self._rules.follow_up_days)
        if not covering:
            matter = Matter(-1 - len(changes.opened), at, at)
            chat.matters.append(matter)
            changes.opened.append((matter, chat))
            return matter
        matter = covering[0]
        if len(covering) > 1:
            matter = self._joined(session, chat, covering, changes)
        matter.first, matter.last = min(matter.first, at), max(matter.last, at)
        return matter

    def _joined(
        self, session: Session, chat: _Chat, covering: Sequence[Matter], changes: _Changes
    ) -> Matter:
        """Make one ticket of several that are one matter; those a person worked on stay."""
        there = [each.ticket_id for each in covering if each.ticket_id > 0]
        worked_on = chat_rows.worked_on(session, there)
        by_choice = sorted(
            covering, key=lambda each: (each.ticket_id not in worked_on, each.ticket_id < 0)
        )
        target = by_choice[0]
        for other in by_choice[1:]:
            if other.ticket_id in worked_on:
                continue
            target.first = min(target.first, other.first)
            target.last = max(target.last, other.last)
            chat.matters.remove(other)
            changes.joined.append((other, target))
            chat.asked.add(target.ticket_id)
            if target.ticket_id not in worked_on:
                chat.anew.add(target.ticket_id)
        return target

    def _write(self, session: Session, changes: _Changes, media: Media, now: dt.datetime) -> None:
        into = {id(gone): target for gone, target in changes.joined}
        opened = [(matter, chat) for matter, chat in changes.opened if id(matter) not in into]
        chat_rows.open_tickets(
            session, [(matter, chat.contact_id, chat.channel) for matter, chat in opened], now
        )
        for matter, chat in opened:
            chat.anew.add(matter.ticket_id)
        gone = {
            one.ticket_id: _survivor(one, into).ticket_id
            for one, _ in changes.joined
            if one.ticket_id > 0
        }
        if gone:
            chat_rows.merge(session, gone)
        entries = [_entry(*each, into, media) for each in changes.entries]
        chat_rows.insert_messages(session, entries, self._batch_id)
        chat_rows.change_texts(session, changes.texts)
        chat_rows.adopt(session, changes.adopted, self._batch_id)
        if changes.seen:
            outbox.seen_outside(session, sorted(changes.seen), now)
        for chat in self._chats.values():
            chat.forget(gone)

    def _close(
        self,
        session: Session,
        contacts: Mapping[Thread, int],
        chunk: Sequence[Spooled],
        filed: Filed,
        now: dt.datetime,
    ) -> None:
        """Bring the tickets of the threads that end in this chunk up to date."""
        ended = {contacts[each.thread] for each in chunk if each.closes} & self._chats.keys()
        chats = [self._chats.pop(each) for each in sorted(ended)]
        heard = {one for chat in chats for one in chat.heard}
        anew = {one for chat in chats for one in chat.anew}
        filed.to_match |= {one for chat in chats for one in chat.asked}
        if heard or anew:
            news = News(heard, anew, self._batch_id)
            standing.refresh(session, ended, news, self._rules, now)


def _entry(
    chat: _Chat, matter: Matter, each: Spooled, into: Mapping[int, Matter], media: Media
) -> Entry:
    ticket_id = _survivor(matter, into).ticket_id
    if not each.message.event:
        chat.heard.add(ticket_id)
        if not each.message.ours:
            chat.asked.add(ticket_id)
    return Entry(ticket_id, chat.contact_id, each, media.get(each.key, ()))


def _survivor(matter: Matter, into: Mapping[int, Matter]) -> Matter:
    while id(matter) in into:
        matter = into[id(matter)]
    return matter


def _matching(replies: Sequence[Reply], each: Spooled) -> Reply | None:
    message = each.message
    for reply in replies:
        if conversations.is_reply(message.text, message.sent_at, reply.approved_at, reply.texts):
            return reply
    return None


def _edits(each: Spooled, known: Mapping[str, Known]) -> bool:
    return each.key in known and _is_edit(each, known[each.key])


def _is_edit(each: Spooled, found: Known) -> bool:
    """Tell whether this is a newer text of a message that its id shows to be the same."""
    message = each.message
    newer = message.edited or not found.edited
    said = bool(message.message_id and message.text and not message.event)
    return said and newer and message.text != found.body
