"""How the trunk is oriented and moves: gravity, angular rate, standing, the plane of movement."""
