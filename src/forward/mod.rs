//! Store to cloud: a sans-IO session and the one file that names the MQTT client.
