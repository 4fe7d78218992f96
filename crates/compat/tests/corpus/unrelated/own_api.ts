router.get('/api/v2.0/me/photo', showPhoto);
router.get('/users/:id/photo', showPhoto);
export const photoPath = (id: string) => `/api/users/${id}/photo`;
