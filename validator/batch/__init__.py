"""Many seeds as columns: Arrow, data sets, a cluster."""
