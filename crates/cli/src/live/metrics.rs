//! Counters over HTTP, for Prometheus.

use std::sync::Arc;

use bytes::Bytes;
use cwire_codec::frame::Lines;
use cwire_transport::{
    BindError, Endpoint, Event, FrameCodec, Frames, Server, ServerEvent, Session, SessionOptions,
};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

use super::network::GRACE;
use crate::complaint::say;

/// Longest line of a request, and how long a request may take.
const MAX_LINE: usize = 8 << 10;
const PATIENCE: Duration = Duration::from_secs(10);

type Text = Arc<dyn Fn() -> String + Send + Sync>;

/// Who asks for counters is told.
pub(crate) struct Metrics {
    server: Server<FrameCodec<Lines>>,
    text: Text,
}

/// Listens for those who ask.
///
/// # Errors
///
/// There is nothing to listen on at `addr`.
pub(crate) async fn bind(
    addr: &Endpoint,
    stop: CancellationToken,
    text: impl Fn() -> String + Send + Sync + 'static,
) -> Result<Metrics, BindError> {
    let server = Server::builder(FrameCodec::new(Lines::new().max_frame_len(MAX_LINE)))
        .listen(addr)
        .session(SessionOptions::new().idle_read(PATIENCE).record_timeout(PATIENCE).half_open(true))
        .shutdown_on(stop)
        .shutdown_timeout(GRACE);
    Ok(Metrics { server: server.bind().await?, text: Arc::new(text) })
}

impl Metrics {
    pub(crate) async fn serve(self, quiet: bool) {
        let Self { server, text } = self;
        server
            .serve_and(
                |session| answer(session, Arc::clone(&text)),
                |event| match event {
                    ServerEvent::Listening(address) if !quiet => {
                        say(format_args!("counters on http://{address}/metrics"));
                    }
                    _ => {}
                },
            )
            .await;
    }
}

/// Answers one request, and closes the connection (RFC 9112, 9.6).
async fn answer(mut session: Session<FrameCodec<Lines>>, text: Text) {
    let mut request = None;
    while let Some(event) = session.next().await {
        match event {
            // The head of a request ends with an empty line; nothing in it but its first counts here.
            Event::Record(Ok(line)) if !line.is_empty() => {
                request.get_or_insert(line);
            }
            Event::Record(_) => {
                let response = response(request.as_deref().unwrap_or_default(), &*text);
                let handle = session.handle();
                handle.send_frames(&Frames::one(response));
                handle.close();
            }
            Event::Idle(_) | Event::Finished => session.handle().close(),
            _ => {}
        }
    }
}

fn response(request: &str, text: &dyn Fn() -> String) -> Bytes {
    let mut words = request.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (status, body) = match (method, path) {
        ("GET" | "HEAD", "/metrics" | "/") => ("200 OK", text()),
        ("GET" | "HEAD", _) => ("404 Not Found", "counters are at /metrics\n".to_owned()),
        _ => ("405 Method Not Allowed", "GET is understood\n".to_owned()),
    };
    let allow = if status.starts_with("405") { "Allow: GET, HEAD\r\n" } else { "" };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n{allow}\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let body = if method == "HEAD" { String::new() } else { body };
    (head + &body).into()
}
