window.YTD.direct_messages_group.part0 = [
  {
    "dmConversation": {
      "conversationId": "1978123123123123123",
      "messages": [
        {
          "joinConversation": {
            "initiatingUserId": "111111111",
            "participantsSnapshot": [
              "111111111",
              "222222222",
              "666666666"
            ],
            "createdAt": "2025-10-23T01:00:00.000Z"
          }
        },
        {
          "conversationNameUpdate": {
            "initiatingUserId": "111111111",
            "name": "Tanya KPJ pabrik",
            "createdAt": "2025-10-23T01:00:05.000Z"
          }
        },
        {
          "messageCreate": {
            "reactions": [],
            "urls": [],
            "text": "Min kami bertiga satu pabrik, KPJ nya bisa dicek sekalian?",
            "mediaUrls": [],
            "senderId": "111111111",
            "id": "1978000000000000060",
            "createdAt": "2025-10-23T01:01:00.000Z"
          }
        },
        {
          "messageCreate": {
            "reactions": [],
            "urls": [],
            "text": "Mohon masing-masing mengirim pesan pribadi agar terjaga kerahasiaan datanya. -Rani",
            "mediaUrls": [],
            "senderId": "222222222",
            "id": "1978000000000000061",
            "createdAt": "2025-10-23T02:00:00.000Z"
          }
        },
        {
          "participantsJoin": {
            "initiatingUserId": "111111111",
            "userIds": [
              "333333333"
            ],
            "createdAt": "2025-10-23T02:10:00.000Z"
          }
        },
        {
          "participantsLeave": {
            "userIds": [
              "666666666"
            ],
            "createdAt": "2025-10-23T02:20:00.000Z"
          }
        }
      ]
    }
  }
]