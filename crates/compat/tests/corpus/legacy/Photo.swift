let request = URLRequest(url: URL(string: "https://outlook.office.com/api/v2.0/me/photos('120x120')")!)
let photo = try JSONDecoder().decode(Photo.self, from: data)

struct Photo: Decodable {
    enum CodingKeys: String, CodingKey {
        case width = "Width"
        case height = "Height"
    }
}
