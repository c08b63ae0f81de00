window.YTD.direct_message.part0 = [
  {
    "dmConversation": {
      "conversationId": "222222222-777777777",
      "messages": [
        {
          "messageCreate": {
            "recipientId": "222222222",
            "text": "min kartu saya hilang. Steven Wilson Kusndraono, Langkat 1 April 1971, nik 1205100104719001",
            "mediaUrls": [
              "https://ton.twitter.com/dm/1180000000000000001/118/kartu.png"
            ],
            "senderId": "777777777",
            "id": "1180000000000000001",
            "createdAt": "2019-10-05T03:00:00.000Z"
          }
        },
        {
          "messageCreate": {
            "recipientId": "777777777",
            "text": "Baik, Sahabat, kami periksa dulu. -Rani",
            "mediaUrls": [],
            "senderId": "222222222",
            "id": "1180000000000000002",
            "createdAt": "2019-10-05T04:00:00.000Z"
          }
        }
      ]
    }
  }
]