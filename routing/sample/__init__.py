"""The sample city: 3 districts, 20 towns, 82 communities, 786 grids, 289 units."""
