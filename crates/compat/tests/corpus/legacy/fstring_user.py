async def photo_of(session, email):
    async with session.get(f"https://outlook.office.com/api/v2.0/Users('{email}')/photo/$value") as answer:
        return await answer.read()
