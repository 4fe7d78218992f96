session = graph.post(f"/me/messages/{id}/attachments/createUploadSession", json=item)
assert session["uploadUrl"].startswith("https://outlook.office.com/api/v2.0/Users(")
example = "https://outlook.office.com/api/v2.0/Users('a0ca4a1f@1717622f')/Messages('AAMkADI5')/AttachmentSessions('AAMkADI5MAAI')?authtoken=eyJhbGciOiJSUzI1"
