"""Where goods lie and how they travel: locations, calendars, carriers, rates and places."""
