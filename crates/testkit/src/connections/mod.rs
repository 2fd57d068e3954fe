//! The live connections. The model's outgoing frames are written to their queues here, with the faults of pushes.

pub(crate) mod connection;
pub(crate) mod frame;

use std::collections::HashMap;
use std::sync::Arc;

use self::connection::Connection;
use self::frame::Frame;
use crate::faults::Faults;
use crate::model::outgoing::Outgoing;
use crate::model::sessions::SessionId;

/// All live connections, by session.
#[derive(Default)]
pub(crate) struct Connections(HashMap<SessionId, Arc<Connection>>);

impl Connections {
    pub(crate) fn add(&mut self, connection: Arc<Connection>) {
        self.0.insert(connection.id, connection);
    }

    pub(crate) fn remove(&mut self, id: SessionId) {
        self.0.remove(&id);
    }

    pub(crate) fn get(&self, id: SessionId) -> Option<&Arc<Connection>> {
        self.0.get(&id)
    }

    /// Queues a frame of the model for its sessions.
    pub(crate) fn write(&mut self, outgoing: Outgoing, faults: &Faults) {
        match outgoing {
            Outgoing::Push { to, conversation_id, msg, operation_id } => {
                let frame = Arc::new(Frame::push(&conversation_id, &msg, &operation_id));
                self.each(&to).for_each(|connection| write_push(connection, &frame, faults));
            }
            Outgoing::OnlineStatus { to, status } => {
                let frame = Frame::online_status(status);
                self.each(&to).for_each(|connection| connection.write_frame(&frame));
            }
            Outgoing::Kick { to, is_frame_lost } => {
                if let Some(connection) = self.0.remove(&to) {
                    if !is_frame_lost {
                        connection.write_frame(&Frame::kick());
                    }
                    connection.finish.cancel();
                }
            }
        }
    }

    /// Writes the pushes that wait to be swapped with the next one.
    pub(crate) fn write_swapped(&self) {
        for connection in self.0.values() {
            let swapped = connection.swapped.lock().take();
            swapped.iter().for_each(|frame| connection.write_frame(frame));
        }
    }

    fn each(&self, ids: &[SessionId]) -> impl Iterator<Item = &Arc<Connection>> {
        ids.iter().filter_map(|id| self.0.get(id))
    }
}

fn write_push(connection: &Connection, frame: &Arc<Frame>, faults: &Faults) {
    if faults.happens(faults.rates.drop_push) {
        return;
    }
    let swapped = connection.swapped.lock().take();
    if swapped.is_none() && faults.happens(faults.rates.swap_push) {
        *connection.swapped.lock() = Some(frame.clone());
        return;
    }
    connection.write_frame(frame);
    if faults.happens(faults.rates.repeat_push) {
        connection.write_frame(frame);
    }
    swapped.iter().for_each(|frame| connection.write_frame(frame));
}
