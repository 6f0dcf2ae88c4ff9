//! A Modbus RTU line: opened, asked, closed.
//!
//! The client takes the next sound frame for the answer to the last question, whenever it came. Hence: what came
//! unasked is thrown away before each question; each question has its time; and after one without a sound answer the
//! client is thrown away with the port.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context as Wakes, Poll};

use rustix::io::Errno;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::timeout;
use tokio_modbus::client::{Client as _, Context, rtu};
use tokio_modbus::slave::{Slave, SlaveContext as _};
use tokio_modbus::{Error, Request, Response};
use tokio_serial::{ClearBuffer, SerialPort as _, SerialStream};

use crate::config::SerialLine;
use crate::limits;
use crate::source::DownReason;
use crate::source::serial::port::{Opener as _, Tty};

/// Registers of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// Its address.
    pub unit: u8,
    /// Holding registers, not input registers.
    pub holding: bool,
    /// The first one, from 0.
    pub first: u16,
    /// How many.
    pub count: u16,
}

/// Why there are no registers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The unit says no, in these words.
    Refused(String),
    /// No answer, or none that can be used: the line is to be opened anew.
    Unsound(&'static str),
    /// The line is not there.
    Gone(DownReason),
}

/// A line, or a script in tests.
pub trait Line {
    /// Opens it; a second time only after it was closed.
    fn open(&mut self) -> impl Future<Output = Result<(), DownReason>>;

    /// Whether it is open.
    fn is_open(&self) -> bool;

    /// Whether the node is still the one that was opened.
    fn is_there(&self) -> bool;

    /// Closes it, if it is open.
    fn close(&mut self);

    /// The registers, exactly as many as were asked for.
    fn ask(&mut self, question: Question) -> impl Future<Output = Result<Vec<u16>, Trouble>>;
}

/// A real one.
pub struct Rtu {
    tty: Tty,
    client: Option<Context>,
}

impl Rtu {
    /// One that is not open yet.
    pub fn new(line: SerialLine) -> Self {
        Self { tty: Tty::new(line), client: None }
    }
}

impl Line for Rtu {
    async fn open(&mut self) -> Result<(), DownReason> {
        self.client = None;
        let port = self.tty.open().await?;
        self.client = Some(rtu::attach(Fresh(port)));
        Ok(())
    }

    fn is_open(&self) -> bool {
        self.client.is_some()
    }

    fn is_there(&self) -> bool {
        self.tty.is_there()
    }

    fn close(&mut self) {
        self.client = None;
    }

    async fn ask(&mut self, question: Question) -> Result<Vec<u16>, Trouble> {
        let Some(client) = &mut self.client else { return Err(Trouble::Gone(DownReason::Missing)) };
        ask(client, question).await
    }
}

/// The client's own calls for registers assert the length of what a device sends; hence the general one.
async fn ask(client: &mut Context, question: Question) -> Result<Vec<u16>, Trouble> {
    let Question { unit, holding, first, count } = question;
    client.set_slave(Slave(unit));
    let request = match holding {
        true => Request::ReadHoldingRegisters(first, count),
        false => Request::ReadInputRegisters(first, count),
    };
    match timeout(limits::MODBUS_PATIENCE, client.call(request)).await {
        Ok(Ok(Ok(Response::ReadHoldingRegisters(words) | Response::ReadInputRegisters(words))))
            if words.len() == usize::from(count) =>
        {
            Ok(words)
        }
        Ok(Ok(Err(exception))) => Err(Trouble::Refused(exception.to_string())),
        Ok(Err(Error::Transport(error))) => Err(failure(&error)),
        Ok(Ok(Ok(_)) | Err(Error::Protocol(_))) => {
            Err(Trouble::Unsound("answers what it was not asked"))
        }
        Err(_) => Err(Trouble::Unsound("does not answer")),
    }
}

fn failure(error: &io::Error) -> Trouble {
    match (error.kind(), Errno::from_io_error(error)) {
        (io::ErrorKind::InvalidData, _) => Trouble::Unsound("answers with damaged frames"),
        (io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof, _)
        | (_, Some(Errno::IO | Errno::NXIO | Errno::NODEV)) => Trouble::Gone(DownReason::Unplugged),
        _ => Trouble::Gone(DownReason::Other(error.to_string())),
    }
}

/// A port that forgets what came unasked before anything is sent.
#[derive(Debug)]
struct Fresh(SerialStream);

impl AsyncRead for Fresh {
    fn poll_read(
        self: Pin<&mut Self>,
        wakes: &mut Wakes<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_read(wakes, buffer)
    }
}

impl AsyncWrite for Fresh {
    fn poll_write(
        self: Pin<&mut Self>,
        wakes: &mut Wakes<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let port = &mut self.get_mut().0;
        // A port that cannot is about to be found gone.
        let _ = port.clear(ClearBuffer::Input);
        Pin::new(port).poll_write(wakes, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, wakes: &mut Wakes<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_flush(wakes)
    }

    fn poll_shutdown(self: Pin<&mut Self>, wakes: &mut Wakes<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_shutdown(wakes)
    }
}

#[cfg(test)]
mod tests {
    use crc::{CRC_16_MODBUS, Crc};
    use proptest::prelude::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    const ASKED: Question = Question { unit: 3, holding: false, first: 0x10, count: 2 };

    /// A frame of these bytes, with its check.
    fn frame(bytes: &[u8]) -> Vec<u8> {
        let check = Crc::<u16>::new(&CRC_16_MODBUS).checksum(bytes);
        [bytes, &check.to_le_bytes()].concat()
    }

    /// Asks for two input registers of unit 3; `answer` comes in pieces of this size.
    async fn answered(answer: &[u8], size: usize) -> Result<Vec<u16>, Trouble> {
        let (near, mut far) = tokio::io::duplex(1024);
        let mut client = rtu::attach(near);
        let device = async {
            let mut question = [0; 8];
            far.read_exact(&mut question).await.unwrap();
            assert_eq!(question, *frame(&[3, 4, 0, 0x10, 0, 2]));
            for piece in answer.chunks(size) {
                far.write_all(piece).await.unwrap();
                tokio::task::yield_now().await;
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            answer = ask(&mut client, ASKED) => answer,
            () = device => unreachable!(),
        }
    }

    fn check(answer: &[u8], expected: Result<&[u16], &Trouble>) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        for size in [1, 3, 1024] {
            let found = runtime.block_on(answered(answer, size));
            assert_eq!(found.as_deref(), expected, "{answer:02x?} by {size}");
        }
    }

    #[test]
    fn an_answer_is_as_many_registers_as_were_asked_for() {
        check(&frame(&[3, 4, 4, 0, 1, 0xab, 0xcd]), Ok(&[1, 0xabcd]));
        let other = Trouble::Unsound("answers what it was not asked");
        check(&frame(&[3, 4, 2, 0, 1]), Err(&other));
        check(&frame(&[3, 4, 6, 0, 1, 0, 2, 0, 3]), Err(&other));
        check(&frame(&[3, 3, 4, 0, 1, 0, 2]), Err(&other));
        check(&frame(&[4, 4, 4, 0, 1, 0, 2]), Err(&other));
    }

    #[test]
    fn a_refusal_is_told_in_the_protocols_words() {
        let refused = |words: &str| Trouble::Refused(words.to_owned());
        check(&frame(&[3, 0x84, 2]), Err(&refused("Illegal data address")));
        check(&frame(&[3, 0x84, 6]), Err(&refused("Server device busy")));
    }

    #[test]
    fn silence_and_damage_are_no_answer() {
        let silent = Trouble::Unsound("does not answer");
        check(&[], Err(&silent));
        let mut damaged = frame(&[3, 4, 4, 0, 1, 0, 2]);
        damaged[4] ^= 0x10;
        check(&damaged, Err(&silent));
    }

    #[test]
    fn noise_before_an_answer_is_passed_over() {
        let noise = [0xff, 0x00, 0x55];
        check(&[&noise[..], &frame(&[3, 4, 4, 0, 1, 0, 2])].concat(), Ok(&[1, 2]));
    }

    proptest! {
        #[test]
        fn whatever_answers_makes_no_registers_that_were_not_asked_for(
            answer in prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..64),
                proptest::collection::vec(any::<u8>(), 0..24).prop_map(|it| frame(&it)),
                proptest::collection::vec(any::<u8>(), 1..24).prop_map(|it| frame(&[&[3, 4], &it[..]].concat())),
            ],
            size in 1_usize..16,
        ) {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
            let found = runtime.block_on(answered(&answer, size));
            prop_assert!(found.is_err() || found.is_ok_and(|words| words.len() == 2));
        }
    }
}
