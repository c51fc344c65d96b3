throw new Error("This app cannot start.");
