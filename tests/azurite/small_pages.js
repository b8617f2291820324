// Loaded before Azurite: its lists of blobs have pages of 50 instead of 5,000, so that several pages take few blobs.

const path = require("node:path");

const constants = path.join(path.dirname(process.argv[1]), "utils", "constants.js");
require(constants).DEFAULT_LIST_BLOBS_MAX_RESULTS = 50;
