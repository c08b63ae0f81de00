"""What phones, scanners and messengers do to a picture of a card on its way here."""

import io
import random
from collections.abc import Callable

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

_CARD_WIDE = 1_012  # of a clean picture

Spoil = Callable[[Image.Image, random.Random], Image.Image]


def as_scanned(picture: Image.Image, dice: random.Random) -> Image.Image:
    """On a white page of a scanner, a little askew."""
    page = Image.new("RGB", (1_240, 900), (250, 250, 248))
    turned = picture.rotate(
        dice.uniform(-1.5, 1.5),
        expand=True,
        fillcolor=(250, 250, 248),
        resample=Image.Resampling.BICUBIC,
    )
    page.paste(turned, (90, 90))
    return page


def blurred(picture: Image.Image, dice: random.Random) -> Image.Image:
    """Out of focus."""
    return picture.filter(ImageFilter.GaussianBlur(dice.uniform(1.6, 2.6)))


def shaken(picture: Image.Image, dice: random.Random) -> Image.Image:
    """Moved during the exposure: the mean of shifted copies."""
    dx, dy = dice.uniform(-5, 5), dice.uniform(-2, 2)
    out = picture
    for step in range(1, 6):
        moved = ImageChops.offset(picture, round(dx * step / 5), round(dy * step / 5))
        out = Image.blend(out, moved, 1 / (step + 1))
    return out


def tilted(picture: Image.Image, dice: random.Random) -> Image.Image:
    """Laid askew on a table."""
    table = _table(dice, 1_500, 1_300)
    turned = picture.convert("RGBA").rotate(
        dice.choice((-1, 1)) * dice.uniform(4, 20), expand=True, resample=Image.Resampling.BICUBIC
    )
    table.paste(turned, ((1_500 - turned.width) // 2, (1_300 - turned.height) // 2), turned)
    return table


def slanted(picture: Image.Image, dice: random.Random) -> Image.Image:
    """Taken from one side: perspective."""
    width, height = 1_500, 1_200
    corners = [(180, 240), (1_320, 240), (1_320, 960), (180, 960)]
    seen = [(x + dice.uniform(-95, 95), y + dice.uniform(-85, 85)) for x, y in corners]
    flat = picture.convert("RGBA").resize((1_140, 720))
    canvas = Image.new("RGBA", (width, height))
    canvas.paste(flat, (180, 240))
    turned = canvas.transform(
        (width, height),
        Image.Transform.PERSPECTIVE,
        _mapping(seen, corners),
        Image.Resampling.BICUBIC,
    )
    table = _table(dice, width, height)
    table.paste(turned, (0, 0), turned)
    return table


def glaring(picture: Image.Image, dice: random.Random) -> Image.Image:
    """A lamp mirrored in the laminate: two bright spots, one of them over the text."""
    light = Image.new("L", picture.size, 0)
    draw = ImageDraw.Draw(light)
    for _ in range(2):
        x, y = dice.uniform(0.1, 0.9) * picture.width, dice.uniform(0.1, 0.9) * picture.height
        wide, high = dice.uniform(60, 150), dice.uniform(30, 80)
        draw.ellipse((x - wide, y - high, x + wide, y + high), dice.randrange(150, 215))
    light = light.filter(ImageFilter.GaussianBlur(26))
    return Image.composite(Image.new("RGB", picture.size, (255, 255, 250)), picture, light)


def shaded(picture: Image.Image, dice: random.Random) -> Image.Image:
    """The photographer's shadow over part of it, in weak light."""
    shade = Image.new("L", picture.size, 255)
    x = dice.uniform(0.2, 0.8) * picture.width
    edge = [
        (x, 0),
        (picture.width, 0),
        (picture.width, picture.height),
        (x + dice.uniform(-300, 300), picture.height),
    ]
    ImageDraw.Draw(shade).polygon(edge, dice.randrange(90, 140))
    shade = shade.filter(ImageFilter.GaussianBlur(24))
    dark = ImageChops.multiply(picture, Image.merge("RGB", (shade, shade, shade)))
    return ImageEnhance.Brightness(dark).enhance(dice.uniform(0.6, 0.85))


def noisy(picture: Image.Image, dice: random.Random) -> Image.Image:
    """The grain of a small sensor in the dark."""
    grain = Image.effect_noise(picture.size, dice.uniform(38, 60))
    return ImageChops.add(picture, Image.merge("RGB", (grain, grain, grain)), 1.0, -128)


def squeezed(picture: Image.Image, dice: random.Random) -> Image.Image:
    """Sent on and on by messengers: much JPEG."""
    return _jpeg(picture, dice.randrange(12, 22))


def small(picture: Image.Image, dice: random.Random) -> Image.Image:
    """Few pixels: a thumbnail or an old phone, the card some 480 pixels wide."""
    share = dice.uniform(440, 540) / _CARD_WIDE
    return picture.resize(
        (round(picture.width * share), round(picture.height * share)), Image.Resampling.BILINEAR
    )


def copied(picture: Image.Image, dice: random.Random) -> Image.Image:
    """Photocopied: black and white, faint."""
    grey = ImageEnhance.Contrast(picture.convert("L")).enhance(1.7)
    page = Image.new("L", (1_240, 1_754), 255)
    page.paste(grey.rotate(dice.uniform(-2, 2), expand=True, fillcolor=255), (110, 140))
    return page.filter(ImageFilter.GaussianBlur(0.8)).convert("RGB")


def turned(picture: Image.Image, dice: random.Random) -> Image.Image:
    """Lying on its side or upside down, with no word of it in the file."""
    return picture.rotate(dice.choice((90, 180, 270)), expand=True)


def by_phone(picture: Image.Image, dice: random.Random) -> Image.Image:
    """What mostly comes: askew on a table, a little of everything, and JPEG."""
    spoilt = slanted(picture, dice)
    if dice.random() < 0.5:
        spoilt = shaded(spoilt, dice)
    spoilt = spoilt.filter(ImageFilter.GaussianBlur(dice.uniform(0.4, 1.3)))
    grain = Image.effect_noise(spoilt.size, dice.uniform(8, 24))
    spoilt = ImageChops.add(spoilt, Image.merge("RGB", (grain, grain, grain)), 1.0, -128)
    if dice.random() < 0.5:
        spoilt = glaring(spoilt, dice)
    return _jpeg(spoilt, dice.randrange(35, 75))


SPOILS: dict[str, tuple[Spoil, ...]] = {
    "clean": (),
    "scan": (as_scanned,),
    "blur": (blurred,),
    "shake": (shaken,),
    "tilt": (tilted,),
    "perspective": (slanted,),
    "glare": (glaring,),
    "shadow": (shaded,),
    "noise": (noisy,),
    "jpeg": (squeezed,),
    "small": (small, squeezed),
    "photocopy": (copied,),
    "turned": (turned,),
    "phone": (by_phone,),
    "phone, dim": (slanted, shaded, noisy, squeezed),
}


def to_jpeg(picture: Image.Image, quality: int = 85) -> bytes:
    """Return a picture as a file."""
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=quality)
    return out.getvalue()


def _jpeg(picture: Image.Image, quality: int) -> Image.Image:
    return Image.open(io.BytesIO(to_jpeg(picture, quality))).convert("RGB")


def _table(dice: random.Random, width: int, height: int) -> Image.Image:
    """A table of wood or cloth."""
    base = dice.choice(((112, 78, 52), (60, 62, 66), (188, 176, 160), (40, 62, 48)))
    grain = Image.effect_noise((width // 8, height // 2), 40).resize((width, height))
    return ImageChops.multiply(
        Image.new("RGB", (width, height), base),
        Image.merge("RGB", (grain, grain, grain)).point(lambda v: 160 + v * 95 // 255),
    )


def _mapping(seen: list[tuple[float, float]], flat: list[tuple[float, float]]) -> list[float]:
    """Return the eight numbers by which PERSPECTIVE finds the source of each pixel.

    They solve eight linear equations, here by Gaussian elimination.
    """
    rows = []
    for (x, y), (u, v) in zip(seen, flat, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, v])
    for at in range(8):
        pivot = max(range(at, 8), key=lambda row: abs(rows[row][at]))
        rows[at], rows[pivot] = rows[pivot], rows[at]
        rows[at] = [value / rows[at][at] for value in rows[at]]
        for row in range(8):
            if row != at:
                share = rows[row][at]
                rows[row] = [a - share * b for a, b in zip(rows[row], rows[at], strict=True)]
    return [row[8] for row in rows]
