package outlook

const photoURL = "https://outlook.office.com/api/v2.0/me/photo"

type photo struct {
	ID     string `json:"Id"`
	Width  int    `json:"Width"`
	Height int    `json:"Height"`
}
