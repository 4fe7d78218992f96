Dim address As String = "https://outlook.office.com/api/v2.0/Users('" & mail & "')/photo/$value"
Dim picture As Byte() = client.DownloadData(address)
