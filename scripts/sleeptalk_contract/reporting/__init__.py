"""Reports of a run: the same facts as JSON, as JUnit XML, as a page to read and as lines on a terminal."""
