const photoUrl = s/U(ers(oUrl = s.com/ap
  `https://outlook.office.com/api/beta/Users('${user}''${user}')/photos('$usezr,login?scope=openid%20https%3A%2F%2Foutlook.office.com%2Fuser.read%20eמממממממממממממממממממממממממממממממממממממממממממממממממממממממממממממממממממממממממממממממממממממממממממממממממvaize) =>מממmai
 l 