//! One connection as the gateway sees it.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use openim_core::message::options;
use openim_core::wire::envelope::{self, Request, Response};
use openim_core::wire::pb::{GetConversationsHasReadAndMaxSeqResp, GetMaxSeqResp, GetSeqMessageReq, MsgData};
use openim_core::wire::pb::{PullMsgs, PushMessages, SendMsgResp, Seqs};
use openim_core::wire::{errcode, ops, text_frame};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request as Upgrade, Response as Upgraded};

use super::{PATIENCE, sent_message};

/// One connection, seen from the gateway.
pub(crate) struct Peer {
    pub(crate) socket: WebSocketStream<DuplexStream>,
    pub(crate) query: String,
    /// Where the conversations stand; what 1001 answers.
    pub(crate) maxima: BTreeMap<String, i64>,
    /// The answer to a message that names another sender.
    pub(crate) sender_check: i32,
    synced: bool,
    gzip: bool,
}

impl Peer {
    pub(crate) async fn accept(io: DuplexStream) -> Self {
        let mut query = String::new();
        #[expect(clippy::result_large_err, reason = "the callback's type is the library's")]
        let read_query = |request: &Upgrade, response: Upgraded| -> Result<Upgraded, ErrorResponse> {
            query = request.uri().query().unwrap_or_default().to_owned();
            Ok(response)
        };
        let socket = tokio_tungstenite::accept_hdr_async(io, read_query).await.unwrap();
        let gzip = query.contains("compression=gzip");
        Self { socket, query, maxima: BTreeMap::new(), sender_check: errcode::NO_PERMISSION, synced: false, gzip }
    }

    pub(crate) async fn text(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    pub(crate) async fn binary(&mut self, bytes: Vec<u8>) {
        let bytes = if self.gzip { openim_core::wire::compress::gzip(&bytes) } else { bytes };
        self.socket.send(Message::binary(bytes)).await.unwrap();
    }

    /// The next frame, or none once the client has gone.
    pub(crate) async fn frame(&mut self) -> Option<Message> {
        timeout(PATIENCE, self.socket.next()).await.expect("the client sends nothing").and_then(Result::ok)
    }

    /// The next request; heartbeats, the check of the sender and, once synced, questions for the newest sequences are
    /// answered on the way.
    pub(crate) async fn request(&mut self) -> Request {
        loop {
            let request = self.any_request().await;
            if request.req_identifier == ops::SEND_MSG && sent_message(&request).send_id != request.send_id {
                self.respond(&request, self.sender_check, "", None).await;
                continue;
            }
            if !self.synced || request.req_identifier != ops::GET_NEWEST_SEQ {
                return request;
            }
            self.stand(&request).await;
        }
    }

    /// Answers the check of the sender, which is the next request.
    pub(crate) async fn check_sender(&mut self, err_code: i32) {
        let request = self.any_request().await;
        assert_ne!(sent_message(&request).send_id, request.send_id);
        self.respond(&request, err_code, "", None).await;
    }

    async fn any_request(&mut self) -> Request {
        loop {
            match self.frame().await.expect("the client has gone") {
                Message::Binary(bytes) => {
                    let bytes =
                        if self.gzip { openim_core::wire::compress::gunzip(&bytes).unwrap() } else { bytes.to_vec() };
                    return envelope::decode(&bytes).unwrap();
                }
                Message::Text(text) if text.as_str() == text_frame::PING => {
                    self.text(&text_frame::pong(&serde_json::Value::Null)).await;
                }
                _ => {}
            }
        }
    }

    pub(crate) async fn answer(&mut self, request: &Request, payload: &impl prost::Message) {
        self.respond(request, 0, "", Some(envelope::data(payload))).await;
    }

    pub(crate) async fn respond(&mut self, request: &Request, err_code: i32, err_msg: &str, data: Option<String>) {
        let response = Response {
            req_identifier: request.req_identifier,
            msg_incr: request.msg_incr.clone(),
            operation_id: request.operation_id.clone(),
            err_code,
            err_msg: err_msg.into(),
            data,
        };
        self.binary(envelope::encode(&response)).await;
    }

    /// Answers the sync that follows acceptance.
    pub(crate) async fn sync(&mut self) {
        let request = self.request().await;
        assert_eq!(request.req_identifier, ops::GET_NEWEST_SEQ);
        self.stand(&request).await;
        self.synced = true;
    }

    async fn stand(&mut self, request: &Request) {
        let max_seqs = self.maxima.clone();
        self.answer(request, &GetMaxSeqResp { max_seqs, ..GetMaxSeqResp::default() }).await;
    }

    /// Answers the next pull from a list of messages; returns the sequences that were asked for.
    pub(crate) async fn serve_pull(&mut self, conversation: &str, stored: fn(i64) -> MsgData) -> Vec<i64> {
        let request = self.request().await;
        assert_eq!(request.req_identifier, ops::PULL_MSG_BY_SEQ_LIST);
        let asked: GetSeqMessageReq = envelope::payload(request.data.as_deref()).unwrap();
        assert_eq!(asked.conversations.len(), 1);
        assert_eq!(asked.conversations[0].conversation_id, conversation);
        let seqs = asked.conversations[0].seqs.clone();
        let pulled = PullMsgs { msgs: seqs.iter().map(|seq| stored(*seq)).collect(), ..PullMsgs::default() };
        let answer = PushMessages { msgs: [(conversation.to_owned(), pulled)].into(), ..PushMessages::default() };
        self.answer(&request, &answer).await;
        seqs
    }

    /// Answers every pull.
    pub(crate) async fn pulls(&mut self, stored: impl Fn(&str, i64) -> MsgData) {
        loop {
            let request = self.request().await;
            assert_eq!(request.req_identifier, ops::PULL_MSG_BY_SEQ_LIST);
            let asked: GetSeqMessageReq = envelope::payload(request.data.as_deref()).unwrap();
            let pulled = asked.conversations.into_iter().map(|one| {
                let msgs = one.seqs.iter().map(|seq| stored(&one.conversation_id, *seq)).collect();
                (one.conversation_id, PullMsgs { msgs, ..PullMsgs::default() })
            });
            self.answer(&request, &PushMessages { msgs: pulled.collect(), ..PushMessages::default() }).await;
        }
    }

    /// Answers questions about one conversation until a message comes.
    pub(crate) async fn until_sent(
        &mut self,
        conversation: &str,
        newest: i64,
        stored: impl Fn(i64) -> MsgData,
    ) -> Request {
        loop {
            let request = self.request().await;
            if request.req_identifier == ops::SEND_MSG {
                return request;
            }
            self.tell(&request, conversation, newest, &stored).await;
        }
    }

    /// Answers questions about one conversation until something was pulled from it.
    pub(crate) async fn serve(&mut self, conversation: &str, newest: i64, stored: impl Fn(i64) -> MsgData) {
        loop {
            let request = self.request().await;
            self.tell(&request, conversation, newest, &stored).await;
            if request.req_identifier == ops::PULL_MSG_BY_SEQ_LIST {
                return;
            }
        }
    }

    pub(crate) async fn serve_forever(&mut self, conversation: &str, newest: i64, stored: impl Fn(i64) -> MsgData) {
        loop {
            let request = self.request().await;
            self.tell(&request, conversation, newest, &stored).await;
        }
    }

    /// Keeps the connection alive and answers no request.
    pub(crate) async fn heartbeats_only(&mut self) {
        loop {
            self.any_request().await;
        }
    }

    async fn tell(&mut self, request: &Request, conversation: &str, newest: i64, stored: &impl Fn(i64) -> MsgData) {
        match request.req_identifier {
            ops::GET_CONV_MAX_READ_SEQ => {
                let seqs = Seqs { max_seq: newest, ..Seqs::default() };
                let seqs = [(conversation.to_owned(), seqs)].into();
                self.answer(request, &GetConversationsHasReadAndMaxSeqResp { seqs, ..Default::default() }).await;
            }
            ops::PULL_MSG_BY_SEQ_LIST => {
                let asked: GetSeqMessageReq = envelope::payload(request.data.as_deref()).unwrap();
                let msgs = asked.conversations[0].seqs.iter().map(|seq| stored(*seq)).collect();
                let pulled = PullMsgs { msgs, ..PullMsgs::default() };
                let answer =
                    PushMessages { msgs: [(conversation.to_owned(), pulled)].into(), ..PushMessages::default() };
                self.answer(request, &answer).await;
            }
            other => panic!("an unexpected request: {other}"),
        }
    }

    /// Takes a message and acknowledges it.
    pub(crate) async fn take_message(&mut self) -> MsgData {
        let request = self.request().await;
        let message = sent_message(&request);
        self.ack(&request).await;
        message
    }

    pub(crate) async fn ack(&mut self, request: &Request) {
        let message = sent_message(request);
        let server_msg_id = format!("s-{}", message.client_msg_id);
        let taken = SendMsgResp { server_msg_id, client_msg_id: message.client_msg_id, send_time: 77, modify: None };
        self.answer(request, &taken).await;
    }

    pub(crate) async fn unsolicited(&mut self, req_identifier: i32, data: Option<String>) {
        let request = Request {
            req_identifier,
            msg_incr: String::new(),
            send_id: String::new(),
            operation_id: "op".into(),
            data: None,
        };
        self.respond(&request, 0, "", data).await;
    }

    /// Pushes messages. What the server stores counts where it says how far its conversations go.
    pub(crate) async fn push(&mut self, conversation: &str, messages: Vec<MsgData>) {
        let stored = messages.iter().filter(|message| options::is_on(&message.options, options::HISTORY));
        if let Some(newest) = stored.map(|message| message.seq).max().filter(|newest| *newest > 0) {
            let max = self.maxima.entry(conversation.to_owned()).or_default();
            *max = (*max).max(newest);
        }
        let pulled = PullMsgs { msgs: messages, ..PullMsgs::default() };
        let push = PushMessages { msgs: [(conversation.to_owned(), pulled)].into(), ..PushMessages::default() };
        self.unsolicited(ops::PUSH_MSG, Some(envelope::data(&push))).await;
    }

    /// Whether the client has closed, within its patience.
    pub(crate) async fn is_left(&mut self) -> bool {
        while let Some(frame) = self.frame().await {
            if matches!(frame, Message::Close(_)) {
                return true;
            }
        }
        true
    }
}

/// Answers an upgrade with an ordinary HTTP response.
pub(crate) async fn refuse_upgrade(mut io: DuplexStream, status: &str, body: &str) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(io.read_u8().await.unwrap());
    }
    let answer =
        format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    io.write_all(answer.as_bytes()).await.unwrap();
    io.flush().await.unwrap();
    // The client reads the answer before the stream ends.
    tokio::time::sleep(Duration::from_millis(1)).await;
}
