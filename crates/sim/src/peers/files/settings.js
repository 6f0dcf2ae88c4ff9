// Node-RED without its editor.
module.exports = {
    httpAdminRoot: false,
    httpNodeRoot: false,
    uiPort: {local},
    uiHost: "127.0.0.1",
    mqttReconnectTime: 1000,
    serialReconnectTime: 1000,
    logging: { console: { level: "info" } },
};
