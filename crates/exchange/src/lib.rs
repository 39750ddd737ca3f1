//! Files in and out: documents to text, workbooks in and out, reports as Word files.
