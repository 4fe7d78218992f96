BASE = "https://outlook.office365.com/api/beta"

def sizes(session):
    return session.get(BASE + "/me/photos").json()["value"]

def biggest(session):
    return max(sizes(session), key=lambda photo: photo["Width"])
