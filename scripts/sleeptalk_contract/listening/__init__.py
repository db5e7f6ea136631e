"""Judge the callbacks that an implementation really sends, by standing in for its receiver."""
