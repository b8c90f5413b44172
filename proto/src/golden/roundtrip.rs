//! Whatever a client asks comes out of either encoding as it went in.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

use crate::{
    Acquire, Append, CommitPolicy, EntryName, Holder, LocalTime, Mode, Op, OperationId, Request, SessionId,
    Text, Wait, frame, line,
};

/// Any text that is UTF-8, control characters and NUL included.
fn string() -> impl Strategy<Value = String> {
    vec(any::<char>(), 0..30).prop_map(String::from_iter)
}

fn entry() -> impl Strategy<Value = EntryName> {
    let day = (1..=9999_u32, 1..=12_u32, 1..=31_u32);
    day.prop_filter_map("a day that exists", |(year, month, day)| EntryName::new(year, month, day).ok())
}

fn time() -> impl Strategy<Value = LocalTime> {
    (0..86_400_u32).prop_map(|seconds| LocalTime::from_seconds(seconds).unwrap())
}

fn holder() -> impl Strategy<Value = Holder> {
    let all = (string(), of(string()), of(string()), of(string()));
    all.prop_map(|(program, command, terminal, purpose)| Holder { program, command, terminal, purpose })
}

prop_compose! {
    fn acquire()(
        session: [u8; 16],
        entries in vec(entry(), 0..20),
        shared: bool,
        wait in prop_oneof![Just(Wait::Forever), any::<u64>().prop_map(Wait::Millis), Just(Wait::None)],
        hold in of(any::<u64>()),
        on_save: bool,
        (drafts, create) in any::<(bool, bool)>(),
        inside in of(any::<[u8; 16]>()),
        time in of(time()),
        holder in holder(),
    ) -> Acquire {
        Acquire {
            session: SessionId(session),
            entries,
            mode: if shared { Mode::Shared } else { Mode::Exclusive },
            wait,
            hold,
            commit: if on_save { CommitPolicy::OnSave } else { CommitPolicy::OnExit },
            drafts,
            create,
            inside: inside.map(SessionId),
            time,
            holder,
        }
    }
}

prop_compose! {
    fn append()(
        entry in entry(),
        text in prop_oneof![string().prop_map(String::into_bytes), any::<Vec<u8>>()],
        operation in of(any::<[u8; 16]>()),
        time in of(time()),
    ) -> Append {
        Append { entry, text: Text(text), operation: operation.map(OperationId), time }
    }
}

proptest! {
    #[test]
    fn requests_survive_both_encodings(
        id: u64,
        op in prop_oneof![acquire().prop_map(Op::Acquire), append().prop_map(Op::Append)],
    ) {
        let request = Request { id, op };
        let mut framed = Vec::new();
        frame::encode(&request, &mut framed).unwrap();
        let (header, payload) = framed.split_first_chunk().unwrap();
        prop_assert_eq!(frame::payload_length(*header, payload.len()), Ok(payload.len()));
        prop_assert_eq!(frame::decode::<Request>(payload), Ok(request.clone()));

        let mut lined = Vec::new();
        line::encode(&request, &mut lined).unwrap();
        prop_assert_eq!(lined.pop(), Some(b'\n'));
        prop_assert!(!lined.contains(&b'\n'), "a line has one line feed, at its end");
        prop_assert_eq!(line::decode_request(&lined), Ok(request));
    }
}
