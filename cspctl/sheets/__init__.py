"""Price sheets: xlsx, csv and zip files to rows, with row numbers in every finding."""
