window.__THAR_CONFIG = {
  "userInfo": {
    "accountId": "222222222",
    "userName": "layanan_contoh",
    "displayName": "Layanan Contoh"
  },
  "archiveInfo": {
    "sizeBytes": "4096",
    "generationDate": "2026-05-10T00:00:00.000Z"
  },
  "dataTypes": {
    "directMessages": {
      "mediaDirectory": "data/direct_messages_media",
      "files": [
        {
          "fileName": "data/direct-messages.js",
          "globalName": "YTD.direct_messages.part0",
          "count": "3"
        }
      ]
    }
  }
}