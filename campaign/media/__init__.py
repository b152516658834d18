"""What is shown: pictures, videos and documents, uploaded once per sender."""
