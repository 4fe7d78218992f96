package outlook

import "fmt"

func valueURL(user string) string {
	return fmt.Sprintf("https://partner.outlook.cn/api/v2.0/users('%s')/photo/$value", user)
}
