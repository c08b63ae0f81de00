window.YTD.direct_messages.part0 = [
  {
    "dmConversation": {
      "conversationId": "111111111-222222222",
      "messages": [
        {
          "messageCreate": {
            "recipientId": "111111111",
            "reactions": [],
            "urls": [],
            "text": "Terima kasih, Sahabat. Data sudah kami terima, mohon menunggu. -Rani",
            "mediaUrls": [],
            "senderId": "222222222",
            "id": "1978000000000000005",
            "createdAt": "2025-10-20T02:41:09.412Z"
          }
        },
        {
          "messageCreate": {
            "recipientId": "222222222",
            "reactions": [],
            "urls": [
              {
                "url": "https://t.co/AbCdEf1",
                "expanded": "https://twitter.com/messages/media/1978000000000000004",
                "display": "pic.twitter.com/AbCdEf1"
              }
            ],
            "text": "ini foto KTP nya min https://t.co/AbCdEf1",
            "mediaUrls": [
              "https://ton.twitter.com/dm/1978000000000000004/1978/ktp.png"
            ],
            "senderId": "111111111",
            "id": "1978000000000000004",
            "createdAt": "2025-10-20T02:30:44.001Z"
          }
        },
        {
          "messageCreate": {
            "recipientId": "222222222",
            "reactions": [],
            "urls": [],
            "text": "NIK 3521036303819001",
            "mediaUrls": [],
            "senderId": "111111111",
            "id": "1978000000000000003",
            "createdAt": "2025-10-20T02:30:02.870Z"
          }
        },
        {
          "messageCreate": {
            "recipientId": "222222222",
            "reactions": [
              {
                "senderId": "222222222",
                "reactionKey": "agree",
                "eventId": "1978000000000000009",
                "createdAt": "2025-10-20T02:40:00.000Z"
              }
            ],
            "urls": [],
            "text": "nama Suharti Pertiwi\nttl Ngawi 23-03-1981",
            "mediaUrls": [],
            "senderId": "111111111",
            "id": "1978000000000000002",
            "createdAt": "2025-10-20T02:29:31.555Z"
          }
        },
        {
          "messageCreate": {
            "recipientId": "222222222",
            "reactions": [],
            "urls": [],
            "text": "Min mau tanya, sy lupa no kpj &amp; kartu nya hilang. Bisa dibantu?",
            "mediaUrls": [],
            "senderId": "111111111",
            "id": "1978000000000000001",
            "createdAt": "2025-10-20T02:28:57.123Z"
          }
        },
        {
          "welcomeMessageCreate": {
            "recipientId": "111111111",
            "senderId": "222222222",
            "text": "Selamat datang di layanan kami. Silakan sampaikan nama lengkap, tempat &amp; tanggal lahir, dan NIK.",
            "id": "1978000000000000000",
            "createdAt": "2025-10-20T02:28:40.000Z",
            "mediaUrls": []
          }
        }
      ]
    }
  },
  {
    "dmConversation": {
      "conversationId": "222222222-333333333",
      "messages": [
        {
          "messageCreate": {
            "recipientId": "222222222",
            "reactions": [],
            "urls": [
              {
                "url": "https://t.co/Zz9",
                "expanded": "https://contoh.example/syarat?a=1&b=2",
                "display": "contoh.example/syarat"
              }
            ],
            "text": "Selamat malam, saya Parlindungan Jonathan Tefa, lahir di Kupang 22 November 1990. NIK 5371062211909001. Dulu kerja di pabrik, skrg mau klaim JHT tp lupa nomor KPJ. Info ini benar? https://t.co/Zz9 lihat juga https://t.co/Own1",
            "mediaUrls": [],
            "senderId": "333333333",
            "id": "1978000000000000020",
            "createdAt": "2025-10-21T13:05:00.000Z"
          }
        },
        {
          "reactionCreate": {
            "senderId": "222222222",
            "reactionKey": "like",
            "eventId": "1978000000000000021",
            "createdAt": "2025-10-21T13:20:00.000Z"
          }
        }
      ]
    }
  },
  {
    "dmConversation": {
      "conversationId": "222222222-444444444",
      "messages": [
        {
          "messageCreate": {
            "recipientId": "222222222",
            "reactions": [],
            "urls": [],
            "text": "",
            "mediaUrls": [],
            "senderId": "444444444",
            "id": "1978000000000000030",
            "createdAt": "2026-05-02T07:00:00.000Z"
          }
        },
        {
          "messageCreate": {
            "senderId": "444444444",
            "recipientId": "222222222",
            "id": "1978000000000000031",
            "createdAt": "2026-05-02T07:01:00.000Z"
          }
        }
      ]
    }
  }
]