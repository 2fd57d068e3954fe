//! Friends, requests and the black list.

use serde_json::{Value, json};

use super::recent::RecentEvents;
use super::{ClientEvent, Context, Ignored};
use crate::message::lenient::Lenient as _;
use crate::message::notice::friend::{FriendChange, FriendDetail, FriendNotice};
use crate::records::{FriendInfo, FriendRequest};
use crate::wire::pb::MsgData;

/// Events of a change among friends. Changes of other people's lists are none of this account's.
pub(super) fn read(
    notice: &FriendNotice,
    message: &MsgData,
    context: Context<'_>,
    recent: &mut RecentEvents,
) -> Result<Vec<ClientEvent>, Ignored> {
    let detail = &notice.detail;
    let between = &detail.between;
    let me = context.self_id;
    if !may_state(notice, message, me) {
        return Err(Ignored::Misplaced);
    }
    let other = if between.from == me { &between.to } else { &between.from };
    let one = |name, data| vec![ClientEvent::new(name, data)];
    let of_own_list = |name| if between.from == me { one(name, only_id(me, other)) } else { Vec::new() };
    Ok(match notice.change {
        FriendChange::Requested => one("OnFriendApplicationAdded", request(detail, 0)),
        FriendChange::Approved => {
            recent.new_friends.add(other);
            let accepted = ClientEvent::new("OnFriendApplicationAccepted", request(detail, 1));
            vec![accepted, ClientEvent::new("OnFriendAdded", only_id(me, other))]
        }
        FriendChange::Rejected => one("OnFriendApplicationRejected", request(detail, -1)),
        FriendChange::Added => added(detail, me, recent),
        FriendChange::Deleted => of_own_list("OnFriendDeleted"),
        FriendChange::Blocked => of_own_list("OnBlackAdded"),
        FriendChange::Unblocked => of_own_list("OnBlackDeleted"),
        FriendChange::RemarkSet | FriendChange::InfoChanged => one(INFO_CHANGED, only_id(me, other)),
        FriendChange::SeveralChanged => {
            detail.friend_ids.iter().map(|id| ClientEvent::new(INFO_CHANGED, only_id(me, id))).collect()
        }
    })
}

/// Whether the sender of a notification may state the change, and the change concerns this account. The `from` of an
/// answer to a request is the applicant; otherwise `from` is the person who has done something.
fn may_state(notice: &FriendNotice, message: &MsgData, me: &str) -> bool {
    let between = &notice.detail.between;
    let concerns_me = between.from == me || between.to == me;
    match notice.change {
        FriendChange::Added => notice.detail.friend.as_ref().is_some_and(|friend| {
            let pair = [&friend.owner_user_id, &friend.friend_user.user_id];
            pair.contains(&&message.send_id) && pair.into_iter().any(|id| id == me)
        }),
        FriendChange::SeveralChanged => message.send_id == me,
        FriendChange::Approved | FriendChange::Rejected => concerns_me && between.to == message.send_id,
        _ => concerns_me && between.from == message.send_id,
    }
}

const INFO_CHANGED: &str = "OnFriendInfoChanged";

/// The request with its result. Where the notification holds no request, only the two people are known.
fn request(detail: &FriendDetail, result: i32) -> Value {
    let FriendDetail { between, handle_msg, .. } = detail;
    let known = detail.request.clone().unwrap_or_else(|| FriendRequest {
        from_user_id: between.from.clone(),
        to_user_id: between.to.clone(),
        ..FriendRequest::default()
    });
    let handle_msg = if known.handle_msg.is_empty() { handle_msg.clone() } else { known.handle_msg.clone() };
    FriendRequest { handle_result: result, handle_msg, ..known }.write().unwrap_or_default()
}

/// A friendship, as releases before 3.8.3 report it. A report by the other side holds that side's entry of this account.
fn added(detail: &FriendDetail, me: &str, recent: &mut RecentEvents) -> Vec<ClientEvent> {
    let known = detail.friend.clone().unwrap_or_default();
    let is_own_entry = known.friend_user.user_id != me;
    let other = if is_own_entry { &known.friend_user.user_id } else { &known.owner_user_id };
    if recent.new_friends.take(other) {
        return Vec::new();
    }
    let data = if is_own_entry { friend(&known, me) } else { only_id(me, other) };
    vec![ClientEvent::new("OnFriendAdded", data)]
}

fn friend(known: &FriendInfo, me: &str) -> Value {
    let user = &known.friend_user;
    json!({
        "ownerUserID": me,
        "userID": user.user_id,
        "nickname": user.nickname,
        "faceURL": user.face_url,
        "remark": known.remark,
        "createTime": known.create_time,
        "addSource": known.add_source,
        "operatorUserID": known.operator_user_id,
        "ex": known.ex,
        "attachedInfo": "",
    })
}

/// Only the ids, where the notification says no more; the rest has to be asked for.
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
