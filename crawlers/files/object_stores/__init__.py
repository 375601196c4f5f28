"""S3, Google Cloud Storage and Azure: pages of objects, and their bytes in spans."""
