window.YTD.direct_messages.part1 = [
  {
    "dmConversation": {
      "conversationId": "222222222-555555555",
      "messages": [
        {
          "messageCreate": {
            "recipientId": "222222222",
            "reactions": [],
            "urls": [],
            "text": "Halo kak, nomor kepesertaan saya apa ya? Lili Kiki Sosdiosno, Ciamis 13 Oktober 1976",
            "mediaUrls": [],
            "senderId": "555555555",
            "id": "1978000000000000040",
            "createdAt": "2025-10-22T01:00:00.000Z"
          }
        },
        {
          "messageCreate": {
            "recipientId": "222222222",
            "reactions": [],
            "urls": [],
            "text": "nik 3207071310769001",
            "mediaUrls": [],
            "senderId": "555555555",
            "id": "1978000000000000041",
            "createdAt": "2025-10-22T01:00:30.500Z"
          }
        },
        {
          "messageCreate": {
            "recipientId": "555555555",
            "reactions": [],
            "urls": [],
            "text": "Siang, Sahabat. Nomor KPJ Sahabat 99832815753 dan 99450849742. Keduanya dapat digabung di kantor cabang. -Dimas",
            "mediaUrls": [],
            "senderId": "222222222",
            "id": "1978000000000000042",
            "createdAt": "2025-10-22T05:12:00.000Z"
          }
        },
        {
          "messageCreate": {
            "recipientId": "222222222",
            "reactions": [],
            "urls": [],
            "text": "makasih min 🙏 \u0000",
            "mediaUrls": [],
            "senderId": "555555555",
            "id": "1978000000000000043",
            "createdAt": "2025-10-22T05:15:00.000Z"
          }
        },
        {
          "messageCreate": {
            "senderId": "555555555",
            "recipientId": "222222222",
            "text": "tanpa waktu",
            "id": "1978000000000000044"
          }
        },
        {
          "messageCreate": {
            "recipientId": "222222222",
            "reactions": [],
            "urls": [],
            "text": "waktu tak masuk akal",
            "mediaUrls": [],
            "senderId": "555555555",
            "id": "1978000000000000045",
            "createdAt": "+275760-09-13T00:00:00.000Z"
          }
        },
        {
          "typingIndicator": {
            "senderId": "555555555",
            "createdAt": "2025-10-22T05:16:00.000Z"
          }
        },
        "bukan pesan",
        {
          "messageCreate": {
            "recipientId": "222222222",
            "reactions": [],
            "urls": [],
            "text": "foto slip gaji",
            "mediaUrls": [
              "https://ton.twitter.com/dm/1978000000000000046/1979/slip.jpg"
            ],
            "senderId": "555555555",
            "id": "1978000000000000046",
            "createdAt": "2025-10-22T06:00:00.000Z",
            "fieldOfTomorrow": {
              "a": [
                1,
                2
              ]
            }
          }
        }
      ]
    }
  }
]