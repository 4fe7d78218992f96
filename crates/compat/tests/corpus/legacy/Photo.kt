private const val HOST = "outlook.office.com"

suspend fun photo(client: HttpClient): ByteArray =
    client.get { url { host = HOST; encodedPath = "/api/v2.0/me/photo/\$value" } }.body()
