window.YTD.account.part0 = [
  {
    "account": {
      "email": "layanan@helpdesk.example",
      "createdVia": "web",
      "username": "layanan_contoh",
      "accountId": "222222222",
      "createdAt": "2010-01-01T00:00:00.000Z",
      "accountDisplayName": "Layanan Contoh"
    }
  }
]