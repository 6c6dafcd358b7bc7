//! A client made of the same library, over a pipe in memory; time stands still unless everybody waits.

mod handshake;

use super::*;
use crate::stream::{Carrier, Output, Stream, StreamSettings};
use crate::transport::{Incoming, TransportError};
use futures_util::{SinkExt, StreamExt};
use std::sync::Arc;
use tokio::io::{AsyncWriteExt, DuplexStream, duplex};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

const LIMIT_BYTES: usize = 1024;

type Client = WebSocketStream<DuplexStream>;

fn settings() -> TransportSettings {
    TransportSettings { message_limit_bytes: LIMIT_BYTES, ..TransportSettings::default() }
}

async fn pair(pipe_bytes: usize) -> (Connection<DuplexStream>, Client) {
    let (server, client) = duplex(pipe_bytes);
    (Connection::new(server, settings()).await, WebSocketStream::from_raw_socket(client, Role::Client, None).await)
}

async fn says(client: &mut Client, text: &str) {
    client.send(Message::text(text)).await.expect("the server reads");
}

async fn hears(client: &mut Client) -> Message {
    let message = client.next().await.expect("the server is there");
    message.expect("the server speaks WebSocket")
}

/// The least session loop: what the stream says is sent, until it says nothing more.
async fn answer(connection: &mut Connection<DuplexStream>, stream: &mut Stream) -> bool {
    while let Some(output) = stream.poll_output() {
        match output {
            Output::Send(frame) => connection.send(frame).await.expect("the client reads"),
            Output::Close => return false,
            other => panic!("unexpected {other:?}"),
        }
    }
    true
}

/// Serves one client and tells how the connection ended.
async fn serve(mut connection: Connection<DuplexStream>) -> Incoming {
    let settings = Arc::new(StreamSettings::for_domain("edge.test"));
    let mut stream = Stream::new(settings, Carrier::default(), "s1".to_owned(), 0);
    loop {
        let incoming = connection.next_frame().await.expect("the transport holds");
        match &incoming {
            Incoming::Text(frame) => stream.handle_frame(frame, 0),
            Incoming::Refused(refusal) => stream.fail(refusal.condition(), &refusal.to_string()),
            Incoming::Closed => return incoming,
            other => panic!("no WebSocket has {other:?}"),
        }
        if !answer(&mut connection, &mut stream).await {
            let code = match incoming {
                Incoming::Refused(refusal) => close_code(refusal),
                _ => CloseCode::Normal,
            };
            connection.close(code).await;
            return incoming;
        }
    }
}

async fn opened() -> (tokio::task::JoinHandle<Incoming>, Client) {
    let (connection, mut client) = pair(64 * 1024).await;
    let server = tokio::spawn(serve(connection));
    says(&mut client, "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='edge.test' version='1.0'/>").await;
    let open = hears(&mut client).await.into_text().expect("text");
    assert!(open.starts_with("<open "), "{open}");
    let features = hears(&mut client).await.into_text().expect("text");
    assert!(features.starts_with("<stream:features "), "{features}");
    (server, client)
}

/// The stream error, `<close/>` and the close frame reach the client, whatever made the server end.
async fn is_sent_off(client: &mut Client, condition: &str, code: CloseCode) {
    let error = hears(client).await.into_text().expect("text");
    assert!(error.contains(condition), "{error}");
    let close = hears(client).await.into_text().expect("text");
    assert!(close.starts_with("<close "), "{close}");
    match hears(client).await {
        Message::Close(Some(frame)) => assert_eq!(frame.code, code),
        other => panic!("expected a close frame, got {other:?}"),
    }
    while let Some(Ok(_)) = client.next().await {}
}

#[tokio::test(start_paused = true)]
async fn a_dialogue_goes_through_and_ends_in_peace() {
    let (server, mut client) = opened().await;
    client.send(Message::Ping("still there?".into())).await.expect("the server reads");
    assert_eq!(hears(&mut client).await, Message::Pong("still there?".into()));

    says(&mut client, "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>").await;
    let close = hears(&mut client).await.into_text().expect("text");
    assert!(close.starts_with("<close "), "{close}");
    assert!(matches!(hears(&mut client).await, Message::Close(Some(_))));
    assert!(client.next().await.is_none(), "the close handshake is complete");
    server.await.expect("the server ends");
}

#[tokio::test(start_paused = true)]
async fn an_oversize_frame_is_refused_before_it_is_read_e5() {
    let (server, mut client) = opened().await;
    let oversize = u16::try_from(LIMIT_BYTES + 1).expect("fits").to_be_bytes();
    let header = [0x81, 0xFE, oversize[0], oversize[1], 0, 0, 0, 0];
    // Only the header has come, and the answer does not wait for more.
    client.get_mut().write_all(&header).await.expect("the server reads");
    is_sent_off(&mut client, "policy-violation", CloseCode::Size).await;
    drop(client);
    let ended = server.await.expect("the server ends");
    let limit_bytes = LIMIT_BYTES;
    assert_eq!(ended, Incoming::Refused(FrameRefusal::Oversize { limit_bytes }));
}

#[tokio::test(start_paused = true)]
async fn the_rest_of_an_oversize_frame_is_thrown_away_so_that_the_client_learns_why() {
    let (server, mut client) = opened().await;
    let mut frame = vec![0x81, 0xFF];
    frame.extend_from_slice(&1_000_000_u64.to_be_bytes());
    frame.extend_from_slice(&[0; 4]);
    frame.resize(frame.len() + 1_000_000, b'x');
    // Far more than the pipe holds: it only goes through when the server reads on.
    client.get_mut().write_all(&frame).await.expect("the server reads on");
    is_sent_off(&mut client, "policy-violation", CloseCode::Size).await;
    drop(client);
    server.await.expect("the server ends");
}

#[tokio::test(start_paused = true)]
async fn an_oversize_message_in_pieces_is_refused_too_e5() {
    use tokio_tungstenite::tungstenite::protocol::frame::Frame;
    use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
    let (server, mut client) = opened().await;
    let half = vec![b'x'; LIMIT_BYTES / 2 + 1];
    for (kind, last) in [(Data::Text, false), (Data::Continue, true)] {
        let piece = Frame::message(half.clone(), OpCode::Data(kind), last);
        client.send(Message::Frame(piece)).await.expect("the server reads");
    }
    is_sent_off(&mut client, "policy-violation", CloseCode::Size).await;
    drop(client);
    server.await.expect("the server ends");
}

#[tokio::test(start_paused = true)]
async fn a_frame_of_exactly_the_limit_is_taken() {
    let (mut connection, mut client) = pair(64 * 1024).await;
    let longest = "x".repeat(LIMIT_BYTES);
    says(&mut client, &longest).await;
    let incoming = connection.next_frame().await.expect("the transport holds");
    assert_eq!(incoming, Incoming::Text(longest.into()));
}

#[tokio::test(start_paused = true)]
async fn a_binary_frame_is_refused() {
    let (server, mut client) = opened().await;
    client.send(Message::binary("<presence/>")).await.expect("the server reads");
    is_sent_off(&mut client, "unsupported-encoding", CloseCode::Unsupported).await;
    let ended = server.await.expect("the server ends");
    assert_eq!(ended, Incoming::Refused(FrameRefusal::Binary));
}

#[tokio::test(start_paused = true)]
async fn a_text_frame_that_is_not_utf_8_is_refused() {
    let (server, mut client) = opened().await;
    client.get_mut().write_all(&[0x81, 0x81, 0, 0, 0, 0, 0xFF]).await.expect("the server reads");
    is_sent_off(&mut client, "unsupported-encoding", CloseCode::Invalid).await;
    drop(client);
    let ended = server.await.expect("the server ends");
    assert_eq!(ended, Incoming::Refused(FrameRefusal::NotUtf8));
}

#[tokio::test(start_paused = true)]
async fn an_unmasked_frame_breaks_the_protocol() {
    let (mut connection, mut client) = pair(64 * 1024).await;
    client.get_mut().write_all(&[0x81, 1, b'x']).await.expect("the server reads");
    let error = connection.next_frame().await.expect_err("refused");
    assert!(matches!(error, TransportError::Protocol(_)), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_is_cut_after_the_write_time_out_e5() {
    let (mut connection, client) = pair(64).await;
    let begun = tokio::time::Instant::now();
    let error = connection.send("x".repeat(500)).await.expect_err("nobody reads");
    assert!(matches!(error, TransportError::SlowReader), "{error}");
    assert_eq!(begun.elapsed(), settings().write_timeout);

    let begun = tokio::time::Instant::now();
    connection.close(CloseCode::Policy).await;
    assert_eq!(begun.elapsed(), settings().close_timeout);
    drop(client);
}

#[tokio::test(start_paused = true)]
async fn what_is_fed_to_a_slow_reader_stays_bounded_e5() {
    let (mut connection, client) = pair(64).await;
    let mut taken = 0;
    while connection.feed("x".repeat(1000)).await.is_ok() {
        taken += 1;
        assert!(taken < 100, "feeding must wait for the reader");
    }
    assert!(taken <= settings().write_buffer_bytes / 1000 + 2, "{taken}");
    drop(client);
}

#[tokio::test(start_paused = true)]
async fn fed_frames_arrive_in_order_after_a_flush() {
    let (mut connection, mut client) = pair(64 * 1024).await;
    for number in 0..20 {
        connection.feed(number.to_string()).await.expect("room");
    }
    connection.flush().await.expect("room");
    for number in 0..20 {
        assert_eq!(hears(&mut client).await, Message::text(number.to_string()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_beyond_the_write_buffer_is_an_error_not_a_wait() {
    let (mut connection, client) = pair(64 * 1024).await;
    let error =
        connection.send("x".repeat(3 * LIMIT_BYTES + settings().write_buffer_bytes)).await.expect_err("too large");
    assert!(matches!(error, TransportError::OutgoingTooLarge), "{error}");
    drop(client);
}

#[tokio::test(start_paused = true)]
async fn a_silent_client_is_asked_and_then_given_up() {
    let (mut connection, mut client) = pair(64 * 1024).await;
    let begun = tokio::time::Instant::now();
    let error = connection.next_frame().await.expect_err("nobody answers");
    assert!(matches!(error, TransportError::Silent), "{error}");
    assert_eq!(begun.elapsed(), settings().ping_after + settings().pong_timeout);
    assert!(matches!(hears(&mut client).await, Message::Ping(_)));
}

#[tokio::test(start_paused = true)]
async fn an_idle_client_that_answers_is_kept_though_the_loop_does_other_things() {
    let (mut connection, mut client) = pair(64 * 1024).await;
    // Reading answers the pings.
    let idle = tokio::spawn(async move { while let Some(Ok(_)) = client.next().await {} });
    let other_things = std::time::Duration::from_secs(7);
    let begun = tokio::time::Instant::now();
    while begun.elapsed() < settings().ping_after * 10 {
        // The session loop drops the call whenever something else is to be done.
        tokio::select! {
            incoming = connection.next_frame() => panic!("nothing was said, got {incoming:?}"),
            () = tokio::time::sleep(other_things) => {}
        }
    }
    idle.abort();
    let _cancelled = idle.await;
    let error = connection.next_frame().await.expect_err("the client is gone");
    assert!(matches!(error, TransportError::Lost), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_dropped_call_does_not_reset_the_clock_of_silence() {
    let (mut connection, client) = pair(64 * 1024).await;
    let begun = tokio::time::Instant::now();
    let error = loop {
        tokio::select! {
            ended = connection.next_frame() => break ended.expect_err("nobody answers"),
            () = tokio::time::sleep(std::time::Duration::from_secs(7)) => {}
        }
    };
    assert!(matches!(error, TransportError::Silent), "{error}");
    assert_eq!(begun.elapsed(), settings().ping_after + settings().pong_timeout);
    drop(client);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_closes_is_answered() {
    let (mut connection, mut client) = pair(64 * 1024).await;
    client.close(None).await.expect("the server is there");
    let incoming = connection.next_frame().await.expect("a clean end");
    assert_eq!(incoming, Incoming::Closed);
    assert!(matches!(hears(&mut client).await, Message::Close(_)));
    connection.close(CloseCode::Normal).await;
    assert!(client.next().await.is_none());
}
