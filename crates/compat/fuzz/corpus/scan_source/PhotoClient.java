public final class PhotoClient {
    private static final String ROOT = "https://outlook.office.com/api/v2.0";

    public byte[] photo(String user) throws IOException {
        return http.get(ROOT + "/users('" + user + "')/photo/$value").bytes();
    }

    public byte[] mine() throws IOException {
        return http.get(ROOT + "/me/photo/$value").bytes();
    }
}
