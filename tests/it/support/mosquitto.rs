//! A real Mosquitto on a free port, and its command line clients.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;

use super::wait_for;

/// A broker on 127.0.0.1 that ends with this value.
pub struct Broker {
    pub port: u16,
    child: Child,
    dir: TempDir,
}

impl Broker {
    /// Starts one with these lines in its configuration; `None` where Mosquitto is not installed.
    pub async fn start(config: &str) -> Option<Self> {
        for program in ["mosquitto_sub", "mosquitto_pub"] {
            Command::new(program).arg("--help").output().ok()?;
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let dir = TempDir::new().unwrap();
        // As root it would drop its rights and then fail to read what the tests wrote.
        let text = format!("user root\nlistener {port} 127.0.0.1\n{config}\n");
        fs::write(dir.path().join("mosquitto.conf"), text).unwrap();
        let child = spawn(&dir)?;
        let broker = Self { port, child, dir };
        broker.answers().await;
        Some(broker)
    }

    /// Kills it: what it had in memory is gone.
    pub fn stop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again on the same port.
    pub async fn restart(&mut self) {
        self.child = spawn(&self.dir).unwrap();
        self.answers().await;
    }

    async fn answers(&self) {
        let connects = || TcpStream::connect(("127.0.0.1", self.port)).ok();
        drop(wait_for("the broker listens", connects).await);
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(dir: &TempDir) -> Option<Child> {
    // Not every user's path has it.
    ["mosquitto", "/usr/sbin/mosquitto"].into_iter().find_map(|program| {
        let mut command = Command::new(program);
        command.arg("-c").arg(dir.path().join("mosquitto.conf"));
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()
    })
}

/// A subscriber whose output is read as it comes. It connects again by itself.
pub struct Subscriber {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Subscriber {
    /// Subscribes to `filter`, with lines in mosquitto_sub's `format`, which begins with the topic.
    /// Returns when the subscription stands: a probe was published and came back.
    pub async fn start(broker: &Broker, filter: &str, format: &str) -> Self {
        let mut child = Command::new("mosquitto_sub")
            .args(["-V", "mqttv5", "-q", "1", "-h", "127.0.0.1", "-p", &broker.port.to_string()])
            .args(["-t", filter, "-t", "probe/#", "-F", format])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (output, sink) = (child.stdout.take().unwrap(), lines.clone());
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                sink.lock().unwrap().push(line);
            }
        });
        let subscriber = Self { child, lines };
        subscriber.stands(broker).await;
        subscriber
    }

    /// What arrived so far, without probes.
    pub fn lines(&self) -> Vec<String> {
        let lines = self.lines.lock().unwrap();
        lines.iter().filter(|line| !line.starts_with("probe/")).cloned().collect()
    }

    async fn stands(&self, broker: &Broker) {
        let probe = || {
            publish(broker, &["-t", "probe/x", "-m", "x"]);
            let lines = self.lines.lock().unwrap();
            lines.iter().any(|line| line.starts_with("probe/")).then_some(())
        };
        wait_for("the subscription stands", probe).await;
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Publishes a retained message.
pub fn publish_retained(broker: &Broker, topic: &str, payload: &str) {
    publish(broker, &["-r", "-t", topic, "-m", payload]);
}

/// Publishes a message for each line, without waiting for one before the next.
pub fn publish_lines(broker: &Broker, topic: &str, lines: &str) {
    let port = broker.port.to_string();
    let mut child = Command::new("mosquitto_pub")
        .args(["-V", "mqttv5", "-q", "1", "-h", "127.0.0.1", "-p", &port, "-l", "-t", topic])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}

/// Publishes with mosquitto_pub's own arguments.
pub fn publish(broker: &Broker, arguments: &[&str]) {
    let port = broker.port.to_string();
    let done = Command::new("mosquitto_pub")
        .args(["-V", "mqttv5", "-q", "1", "-h", "127.0.0.1", "-p", &port])
        .args(arguments)
        .status();
    assert!(done.unwrap().success());
}

/// Makes two authorities, a server's and two clients' certificates in `dir`, and returns the configuration
/// of a broker that wants a client certificate of the first; `None` where openssl is not installed.
pub fn certificates(dir: &Path) -> Option<String> {
    let openssl = |arguments: &str| {
        let arguments = arguments.split(' ');
        let done = Command::new("openssl").args(arguments).current_dir(dir).output().ok()?;
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        Some(())
    };
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    for ca in ["ca", "other-ca"] {
        openssl(&format!("req -x509 {key} -keyout {ca}.key -out {ca}.crt -subj /CN={ca} -days 2"))?;
    }
    fs::write(dir.join("names"), "subjectAltName=DNS:localhost,IP:127.0.0.1").unwrap();
    for (name, ca) in [("server", "ca"), ("client", "ca"), ("other-client", "other-ca")] {
        openssl(&format!("req {key} -keyout {name}.key -out {name}.csr -subj /CN={name}"))?;
        let ca = format!("-CA {ca}.crt -CAkey {ca}.key -CAcreateserial");
        openssl(&format!("x509 -req -in {name}.csr {ca} -out {name}.crt -days 2 -extfile names"))?;
    }
    let file = |name: &str| dir.join(name).display().to_string();
    Some(format!(
        "allow_anonymous true\ncafile {}\ncertfile {}\nkeyfile {}\nrequire_certificate true",
        file("ca.crt"),
        file("server.crt"),
        file("server.key")
    ))
}
