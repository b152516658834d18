"""The pages, one file each. Importing a page's module puts it on the map."""
