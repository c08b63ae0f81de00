window.YTD.direct_message_headers.part0 = [
  {
    "dmConversation": {
      "conversationId": "111111111-222222222",
      "messages": [
        {
          "messageCreate": {
            "id": "1978000000000000001",
            "senderId": "111111111",
            "recipientId": "222222222",
            "createdAt": "2025-10-20T02:28:57.123Z"
          }
        }
      ]
    }
  }
]