interface OutlookPhoto {
  Id: string;
  Width: number;
  Height: number;
}

export async function photoInfo(http: Http): Promise<OutlookPhoto> {
  return http.get<OutlookPhoto>("https://outlook.office.com/api/v2.0/me/photo?$select=Id,Width,Height");
}
