//! Questions that go together end together.
//!
//! The driver ends each question of a statement with a *sync*, at which the server sends what it
//! has, and whoever asked is woken: forty questions are forty ways through the line, although they
//! were put on it at once. Here the syncs between them are left out, so that the server answers
//! all of them in one piece, and the answers get the word back that a sync would have brought: the
//! driver sees no difference.
//!
//! A sync is left out only before another question that lies on the line already, so that each
//! piece ends in one. Where a question of a piece fails, the server passes over the rest of it; the
//! others are told then what they would have been told within a broken transaction. Questions that
//! go together outside of a transaction are one.
//!
//! COPY does not go this way: its messages have syncs of their own.
//!
//! Messages of the protocol:
//! <https://www.postgresql.org/docs/current/protocol-message-formats.html>.

use bytes::{Buf, BytesMut};
use std::collections::VecDeque;
use std::error::Error;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio_postgres::Socket;
use tokio_postgres::config::{SslMode, SslNegotiation};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};

/// Bytes read at a time.
const CHUNK: usize = 16 * 1024;

/// Bytes before the body of a message: its kind, and its length without the kind.
const HEAD: usize = 5;

/// Asks whether the server has TLS.
const WANTS_TLS: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// The server is ready, within a transaction and within a broken one.
const READY: [u8; 6] = *b"Z\0\0\0\x05T";
const READY_BROKEN: [u8; 6] = *b"Z\0\0\0\x05E";

/// What the server says of a statement within a broken transaction: an error with the fields
/// severity twice, code and message.
const BROKEN: &[u8] = b"SERROR\0VERROR\0C25P02\0Mcurrent transaction is aborted\0\0";

/// How a question ended as it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// With a sync.
    Sent,
    /// Its sync was left out.
    LeftOut,
}

/// Leaves out syncs on the way to the server and puts the word of the server for each in on the way
/// back.
#[derive(Debug, Default)]
struct Pieces {
    /// The first message, which has no kind, was sent.
    has_begun: bool,
    /// Kinds of the messages since the last sync.
    asked: Vec<u8>,
    /// Questions that the server has not answered.
    open: VecDeque<Ending>,
    /// A question of the piece failed, whose rest the server passes over.
    is_broken: bool,
    /// Bytes of messages that are not whole, on both ways.
    going: BytesMut,
    coming: BytesMut,
}

/// The length that some bytes begin with, if they are there: it counts itself, so less than its own
/// four bytes is no length of the protocol.
fn length(bytes: &[u8]) -> io::Result<Option<usize>> {
    let Some(bytes) = bytes.first_chunk() else { return Ok(None) };
    let length = usize::try_from(u32::from_be_bytes(*bytes)).unwrap_or(usize::MAX);
    if length < HEAD - 1 {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a message is too short"));
    }
    Ok(Some(length))
}

/// The first message of some bytes, if it is whole: its kind and its length with the kind.
fn message(bytes: &[u8]) -> io::Result<Option<(u8, usize)>> {
    let Some((kind, rest)) = bytes.split_first() else { return Ok(None) };
    let length = length(rest)?.filter(|length| *length <= rest.len());
    Ok(length.map(|length| (*kind, length + 1)))
}

/// True if the bytes begin with a whole question: bind, execute, sync.
fn is_question(mut bytes: &[u8]) -> bool {
    b"BES".iter().all(|wanted| match message(bytes) {
        Ok(Some((kind, length))) if kind == *wanted => {
            bytes = bytes.get(length..).unwrap_or_default();
            true
        }
        _ => false,
    })
}

impl Pieces {
    /// Bytes to the server: whole messages of them, without the syncs that are left out, go to
    /// `out`. A message that is none of the protocol's is an error, here and below: what follows
    /// it has no beginning.
    fn go(&mut self, bytes: &[u8], out: &mut BytesMut) -> io::Result<()> {
        self.going.extend_from_slice(bytes);
        if !self.has_begun {
            let whole = length(&self.going)?.filter(|length| *length <= self.going.len());
            let Some(whole) = whole else { return Ok(()) };
            out.extend_from_slice(&self.going.split_to(whole));
            self.has_begun = true;
        }
        while let Some((kind, length)) = message(&self.going)? {
            let one = self.going.split_to(length);
            if kind != b'S' {
                // One that asks in words of its own is answered as if a sync followed it.
                match kind {
                    b'Q' => self.open.push_back(Ending::Sent),
                    _ => self.asked.push(kind),
                }
                out.extend_from_slice(&one);
                continue;
            }
            if self.asked == *b"BE" && is_question(&self.going) {
                self.open.push_back(Ending::LeftOut);
            } else {
                self.open.push_back(Ending::Sent);
                out.extend_from_slice(&one);
            }
            self.asked.clear();
        }
        Ok(())
    }

    /// Bytes from the server: whole messages of them, with the server's word for syncs that were
    /// left out, go to `out`.
    fn come(&mut self, bytes: &[u8], out: &mut BytesMut) -> io::Result<()> {
        self.coming.extend_from_slice(bytes);
        while let Some((kind, length)) = message(&self.coming)? {
            if kind == b'Z' {
                self.ready(out);
            }
            out.extend_from_slice(&self.coming.split_to(length));
            match (kind, self.open.front()) {
                // A statement ended; where its sync was sent, the server says itself that it is
                // ready.
                (b'C' | b'I', Some(Ending::LeftOut)) => {
                    self.open.pop_front();
                    out.extend_from_slice(&READY);
                }
                (b'E', Some(Ending::LeftOut)) => {
                    self.open.pop_front();
                    out.extend_from_slice(&READY_BROKEN);
                    self.is_broken = true;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The server comes to a sync: whatever of a broken piece stands before it is told so, and so
    /// is the question that it ends.
    fn ready(&mut self, out: &mut BytesMut) {
        while let Some(ending) = self.open.pop_front() {
            // One whose answer never came is never taken for done.
            if self.is_broken || ending == Ending::LeftOut {
                out.extend_from_slice(b"E");
                let length = u32::try_from(BROKEN.len() + 4).unwrap_or(u32::MAX);
                out.extend_from_slice(&length.to_be_bytes());
                out.extend_from_slice(BROKEN);
            }
            if ending == Ending::Sent {
                break;
            }
            out.extend_from_slice(&READY_BROKEN);
        }
        self.is_broken = false;
    }
}

/// A line over which questions that go together end together.
pub(super) struct Together<S> {
    stream: S,
    pieces: Pieces,
    /// Bytes on their way to the server.
    going: BytesMut,
    /// Bytes for the driver.
    came: BytesMut,
    chunk: Vec<u8>,
}

impl<S> Together<S> {
    pub(super) fn new(stream: S) -> Self {
        Self {
            stream,
            pieces: Pieces::default(),
            going: BytesMut::new(),
            came: BytesMut::new(),
            chunk: vec![0; CHUNK],
        }
    }
}

impl<S: AsyncWrite + Unpin> Together<S> {
    /// Puts on the line what waits.
    fn poll_going(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.going.is_empty() {
            match ready!(Pin::new(&mut self.stream).poll_write(context, &self.going))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => self.going.advance(written),
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Together<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        while this.came.is_empty() {
            let mut chunk = ReadBuf::new(&mut this.chunk);
            ready!(Pin::new(&mut this.stream).poll_read(context, &mut chunk))?;
            if chunk.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            this.pieces.come(chunk.filled(), &mut this.came)?;
        }
        let length = this.came.len().min(out.remaining());
        out.put_slice(&this.came.split_to(length));
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Together<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_going(context))?;
        let this = &mut *self;
        this.pieces.go(bytes, &mut this.going)?;
        // What does not go now goes as the line is flushed.
        match this.poll_going(context) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            _ => Poll::Ready(Ok(bytes.len())),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_going(context))?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_going(context))?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl<S, T: TlsStream + Unpin> TlsStream for Together<Wire<S, T>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    fn channel_binding(&self) -> ChannelBinding {
        match &self.stream {
            Wire::Clear(_) => ChannelBinding::none(),
            Wire::Tls(stream) => stream.channel_binding(),
        }
    }
}

/// A line in clear or in TLS.
pub(super) enum Wire<S, T> {
    Clear(S),
    Tls(T),
}

impl<S: AsyncWrite + Unpin, T: AsyncWrite + Unpin> Wire<S, T> {
    fn writer(&mut self) -> Pin<&mut (dyn AsyncWrite + Unpin + '_)> {
        Pin::new(match self {
            Self::Clear(stream) => stream,
            Self::Tls(stream) => stream,
        })
    }
}

impl<S: AsyncRead + Unpin, T: AsyncRead + Unpin> AsyncRead for Wire<S, T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Clear(stream) => Pin::new(stream).poll_read(context, out),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, out),
        }
    }
}

impl<S: AsyncWrite + Unpin, T: AsyncWrite + Unpin> AsyncWrite for Wire<S, T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.writer().poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.writer().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.writer().poll_shutdown(context)
    }
}

/// Makes lines of [`Together`]. The driver is told to begin TLS at once, which leaves it to this
/// to ask the server for it, as the connection string wants it, or to stay in clear.
pub(super) struct MakeTogether<T> {
    pub(super) tls: T,
    pub(super) mode: SslMode,
    pub(super) negotiation: SslNegotiation,
}

/// Makes one line.
pub(super) struct Connect<C> {
    tls: C,
    mode: SslMode,
    negotiation: SslNegotiation,
}

type BoxedError = Box<dyn Error + Send + Sync>;
type Boxed<S> = Pin<Box<dyn Future<Output = Result<S, BoxedError>> + Send>>;

impl<T> MakeTlsConnect<Socket> for MakeTogether<T>
where
    T: MakeTlsConnect<Socket>,
    T::Stream: Send + 'static,
    T::TlsConnect: Send + 'static,
    <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
{
    type Stream = Together<Wire<Socket, T::Stream>>;
    type TlsConnect = Connect<T::TlsConnect>;
    type Error = T::Error;

    fn make_tls_connect(&mut self, domain: &str) -> Result<Self::TlsConnect, T::Error> {
        let tls = self.tls.make_tls_connect(domain)?;
        Ok(Connect { tls, mode: self.mode, negotiation: self.negotiation })
    }
}

impl<C> TlsConnect<Socket> for Connect<C>
where
    C: TlsConnect<Socket> + Send + 'static,
    C::Stream: Send + 'static,
    C::Future: Send,
{
    type Stream = Together<Wire<Socket, C::Stream>>;
    type Error = BoxedError;
    type Future = Boxed<Self::Stream>;

    fn connect(self, mut socket: Socket) -> Self::Future {
        Box::pin(async move {
            let has_tls = match (self.mode, self.negotiation) {
                (SslMode::Disable, _) => false,
                (_, SslNegotiation::Direct) => true,
                _ => {
                    socket.write_all(&WANTS_TLS).await?;
                    socket.read_u8().await? == b'S'
                }
            };
            let wire = match has_tls {
                true => Wire::Tls(self.tls.connect(socket).await.map_err(Into::into)?),
                false if self.mode == SslMode::Require => {
                    return Err("server does not support TLS".into());
                }
                false => Wire::Clear(socket),
            };
            Ok(Together::new(wire))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{BytesMut, Pieces};

    /// Messages by their kinds, each with a body of its own length; `Z` with what it tells.
    fn bytes(kinds: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        for word in kinds.split(' ').filter(|word| !word.is_empty()) {
            let (kind, body) = word.split_at(1);
            bytes.extend_from_slice(kind.as_bytes());
            bytes.extend_from_slice(&u32::try_from(body.len() + 4).unwrap().to_be_bytes());
            bytes.extend_from_slice(body.as_bytes());
        }
        bytes
    }

    /// Messages as [`bytes`] takes them; the text of an error is cut to its code.
    fn words(mut bytes: &[u8]) -> String {
        let mut words = Vec::new();
        while let Some((kind, length)) = super::message(bytes).unwrap() {
            let body = String::from_utf8_lossy(&bytes[super::HEAD..length]);
            let body = if body.contains("C25P02") { "broken".into() } else { body };
            words.push(format!("{}{body}", char::from(kind)));
            bytes = &bytes[length..];
        }
        assert!(bytes.is_empty());
        words.join(" ")
    }

    /// What the server gets of some writes, and what the driver gets of the server's answer, cut
    /// at every place.
    #[track_caller]
    fn check(asked: &[&str], on_line: &[&str], answered: &str, seen: &str) {
        let answer = bytes(answered);
        for cut in 0..=answer.len() {
            let mut pieces = Pieces { has_begun: true, ..Pieces::default() };
            for (asked, on_line) in asked.iter().zip(on_line) {
                let mut out = BytesMut::new();
                pieces.go(&bytes(asked), &mut out).unwrap();
                assert_eq!(words(&out), *on_line);
            }
            let mut out = BytesMut::new();
            pieces.come(&answer[..cut], &mut out).unwrap();
            pieces.come(&answer[cut..], &mut out).unwrap();
            assert_eq!(words(&out), seen, "cut at {cut}");
            assert!(pieces.open.is_empty() && pieces.coming.is_empty() && !pieces.is_broken);
        }
    }

    #[test]
    fn questions_on_the_line_together_end_with_one_sync() {
        check(
            &["B1 E S B2 E S B3 E S"],
            &["B1 E B2 E B3 E S"],
            "2 D1 D1 C1 2 I 2 C3 ZT",
            "2 D1 D1 C1 ZT 2 I ZT 2 C3 ZT",
        );
    }

    #[test]
    fn each_piece_ends_with_a_sync() {
        let asked = ["B1 E S B2 E S", "B3 E S"];
        check(
            &asked,
            &["B1 E B2 E S", "B3 E S"],
            "2 C1 2 C2 ZT 2 C3 ZT",
            "2 C1 ZT 2 C2 ZT 2 C3 ZT",
        );
    }

    #[test]
    fn what_is_no_question_keeps_its_sync() {
        let asked = "P1 D S B1 E S C2 S Qx B2 E S B3 E";
        check(
            &[asked],
            &[asked],
            "1 t T ZI 2 C1 ZI 3 ZI Tx Dx Cx Cy ZI 2 C2 ZI",
            "1 t T ZI 2 C1 ZI 3 ZI Tx Dx Cx Cy ZI 2 C2 ZI",
        );
    }

    #[test]
    fn what_follows_a_failure_in_its_piece_is_told_so() {
        check(
            &["B1 E S B2 E S B3 E S B4 E S", "B5 E S"],
            &["B1 E B2 E B3 E B4 E S", "B5 E S"],
            "2 C1 2 Efault ZE Ebroken5 ZE",
            "2 C1 ZT 2 Efault ZE Ebroken ZE Ebroken ZE Ebroken5 ZE",
        );
        check(
            &["B1 E S B2 E S"],
            &["B1 E B2 E S"],
            "2 Nnote C1 2 Efault ZE",
            "2 Nnote C1 ZT 2 Efault ZE",
        );
    }

    #[test]
    fn a_question_that_is_cut_waits_for_its_rest() {
        let mut pieces = Pieces::default();
        let mut out = BytesMut::new();
        let whole = [b"\0\0\0\x05a".as_slice(), &bytes("B1 E S B2 E S B3 E S")].concat();
        for byte in &whole {
            pieces.go(std::slice::from_ref(byte), &mut out).unwrap();
        }
        assert_eq!(out[..5], whole[..5]);
        assert_eq!(words(&out[5..]), "B1 E S B2 E S B3 E S");
    }

    /// A length that does not even count itself would be waited for without end.
    #[test]
    fn message_shorter_than_its_own_length_is_an_error() {
        for length in 0..=4_u8 {
            let one = [b'C', 0, 0, 0, length];
            let begun = || Pieces { has_begun: true, ..Pieces::default() };
            let is_good = length == 4;
            let mut out = BytesMut::new();
            assert_eq!(begun().come(&one, &mut out).is_ok(), is_good, "from the server, {length}");
            assert_eq!(begun().go(&one, &mut out).is_ok(), is_good, "to the server, {length}");
            let first = Pieces::default().go(&one[1..], &mut out);
            assert_eq!(first.is_ok(), is_good, "the first message, {length}");
            // What came whole before it is handed on.
            let answer = [bytes("1 2").as_slice(), &one].concat();
            let mut out = BytesMut::new();
            assert_eq!(begun().come(&answer, &mut out).is_ok(), is_good, "amid, {length}");
            assert!(out.starts_with(&bytes("1 2")));
        }
    }
}
