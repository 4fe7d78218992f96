const photoUrl = (user, size) =>
  `https://outlook.office.com/api/beta/Users('${user}')/photos('${size}')/$value`;
