window.YTD.direct_message_group.part0 = [
  {
    "dmConversation": {
      "conversationId": "1180555555555555555",
      "messages": [
        {
          "messageCreate": {
            "recipientId": "0",
            "text": "halo semua",
            "mediaUrls": [],
            "senderId": "777777777",
            "id": "1180000000000000003",
            "createdAt": "2019-10-06T03:00:00.000Z"
          }
        }
      ]
    }
  }
]