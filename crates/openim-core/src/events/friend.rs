//! Friends, requests and the black list.

use serde_json::{Value, json};

use super::{ClientEvent, Context, Ignored};
use crate::message::lenient::Lenient as _;
use crate::message::notice::friend::{FriendChange, FriendDetail, FriendNotice};
use crate::records::{FriendInfo, FriendRequest};
use crate::wire::pb::MsgData;

pub(super) fn read(
    notice: &FriendNotice,
    message: &MsgData,
    context: Context<'_>,
) -> Result<Vec<ClientEvent>, Ignored> {
    let detail = &notice.detail;
    let between = &detail.between;
    let me = context.self_id;
    let other = if between.from == me { &between.to } else { &between.from };
    if !vouched(notice, message, me) {
        return Err(Ignored::Misplaced);
    }
    let one = |name, data| vec![ClientEvent::new(name, data)];
    // Only the own lists are news: that somebody else's has changed says nothing about them.
    let mine = |name| if between.from == me { one(name, only_id(me, other)) } else { Vec::new() };
    Ok(match notice.change {
        FriendChange::Requested => one("OnFriendApplicationAdded", request(detail, 0)),
        FriendChange::Approved => one("OnFriendApplicationAccepted", request(detail, 1)),
        FriendChange::Rejected => one("OnFriendApplicationRejected", request(detail, -1)),
        FriendChange::Added => one("OnFriendAdded", added(detail, me)),
        FriendChange::Deleted => mine("OnFriendDeleted"),
        FriendChange::Blocked => mine("OnBlackAdded"),
        FriendChange::Unblocked => mine("OnBlackDeleted"),
        FriendChange::RemarkSet | FriendChange::InfoChanged => one(INFO_CHANGED, only_id(me, other)),
        FriendChange::SeveralChanged => {
            detail.friend_ids.iter().map(|id| ClientEvent::new(INFO_CHANGED, only_id(me, id))).collect()
        }
    })
}

/// From is who asks, answers, deletes or has changed: nobody else can tell of it.
fn vouched(notice: &FriendNotice, message: &MsgData, me: &str) -> bool {
    let detail = &notice.detail;
    match notice.change {
        FriendChange::Added => detail.friend.as_ref().is_some_and(|friend| {
            [&friend.owner_user_id, &friend.friend_user.user_id].into_iter().any(|id| *id == message.send_id)
        }),
        FriendChange::SeveralChanged => message.send_id == me,
        _ => detail.between.from == message.send_id,
    }
}

const INFO_CHANGED: &str = "OnFriendInfoChanged";

/// The request; where the server tells only between whom, the applicant is whose request it was.
fn request(detail: &FriendDetail, result: i32) -> Value {
    let between = &detail.between;
    let told = detail.request.clone().unwrap_or_else(|| {
        let (from, to) = if result == 0 { (&between.from, &between.to) } else { (&between.to, &between.from) };
        FriendRequest { from_user_id: from.clone(), to_user_id: to.clone(), ..FriendRequest::default() }
    });
    let handle_msg = if told.handle_msg.is_empty() { detail.handle_msg.clone() } else { told.handle_msg.clone() };
    FriendRequest { handle_result: result, handle_msg, ..told }.write().unwrap_or_default()
}

fn added(detail: &FriendDetail, me: &str) -> Value {
    let told = detail.friend.clone().unwrap_or_default();
    let FriendInfo { owner_user_id, friend_user: user, .. } = &told;
    if user.user_id == me {
        // Told from the other side, whose entry of us is not ours of them.
        return only_id(me, owner_user_id);
    }
    json!({
        "ownerUserID": me,
        "userID": user.user_id,
        "nickname": user.nickname,
        "faceURL": user.face_url,
        "remark": told.remark,
        "createTime": told.create_time,
        "addSource": told.add_source,
        "operatorUserID": told.operator_user_id,
        "ex": told.ex,
        "attachedInfo": "",
    })
}

/// All that the notification tells; the rest has to be asked for.
fn only_id(owner: &str, user_id: &str) -> Value {
    json!({
        "ownerUserID": owner,
        "userID": user_id,
        "nickname": null,
        "faceURL": null,
        "remark": null,
        "createTime": null,
        "addSource": null,
        "operatorUserID": null,
        "ex": null,
        "attachedInfo": null,
    })
}
