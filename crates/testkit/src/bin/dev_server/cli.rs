//! The command line of the binary: flags and a JSON file become a [`Config`].

use std::path::PathBuf;

use testkit::{Config, GroupConfig, UserConfig};

/// `--help`.
pub(crate) const HELP: &str = "\
openim-dev-server: a small OpenIM server for development, on loopback only

Usage: openim-dev-server [options]

  --config FILE           read a JSON file first; flags add to it or override it
  --ws-port N             port of the websocket gateway (10001; 0 is any free port)
  --api-port N            port of the REST API (10002; 0 is any free port)
  --host ADDRESS          a loopback address (127.0.0.1)
  --user ID[:NICKNAME]    add a user; may be repeated
  --group ID:USER,USER    add a group, the owner first; may be repeated
  --platform N            platform of the tokens that are printed (5, Web)
  --secret TEXT           signs the tokens (openIM123)
  --like VERSION          behave as this server: main (the default) or 3.8.3, the newest release
  --store-delay MS        store and push messages this often, in batches (100; 0 is at once)
  --online-tick MS        note this often who is connected and gets pushes (1000; 0 is at once)
  --control               serve the control API (for faults) under /control/ of the REST API
  --data DIR              keep users, tokens, groups, conversations and messages there between runs
  --json                  print one line of JSON instead of the text
  --help                  print this
  --version               print the version

Without any user there are alice, bob and bot_7, and the group g100 with all three.
It prints its addresses and a token for each user, and runs until SIGINT or SIGTERM.

The file: {\"users\":[{\"userID\":\"alice\",\"nickname\":\"Alice\"}],
  \"groups\":[{\"groupID\":\"g100\",\"name\":\"Demo\",\"members\":[\"alice\"],\"admins\":[]}],
  \"admins\":[\"imAdmin\"], \"friends\":[[\"alice\",\"bob\"]], \"secret\":\"openIM123\", \"platformID\":5,
  \"multiLoginPolicy\":1, \"friendVerify\":false, \"enableHistoryForNewMembers\":true, \"control\":false,
  \"like\":\"main\", \"storeDelayMs\":100, \"onlineTickMs\":1000,
  \"host\":\"127.0.0.1\", \"wsPort\":10001, \"apiPort\":10002}
";

/// What the command line asks for.
#[derive(Debug)]
pub(crate) enum Command {
    Run { config: Box<Config>, json: bool, data: Option<PathBuf> },
    Help,
    Version,
}

/// Reads the arguments. `read` reads a file. The error is one sentence.
pub(crate) fn parse(
    arguments: impl IntoIterator<Item = String>,
    read: impl Fn(&str) -> std::io::Result<String>,
) -> Result<Command, String> {
    let mut arguments = arguments.into_iter();
    let mut given = Vec::new();
    let mut config = Config::default();
    let mut json = false;
    let mut control = false;
    let mut data = None;
    while let Some(argument) = arguments.next() {
        let (flag, value) = match argument.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => (flag.to_owned(), Some(value.to_owned())),
            _ => (argument, None),
        };
        match flag.as_str() {
            "--help" | "-h" => return Ok(Command::Help),
            "--version" | "-V" => return Ok(Command::Version),
            "--json" => json = true,
            "--control" => control = true,
            "--config" | "--ws-port" | "--api-port" | "--host" | "--user" | "--group" | "--platform" | "--secret"
            | "--data" | "--like" | "--store-delay" | "--online-tick" => {
                let value = value.or_else(|| arguments.next());
                let value = value.ok_or_else(|| format!("{flag} needs a value: see --help"))?;
                match flag.as_str() {
                    "--config" => config = from_file(&value, &read)?,
                    "--data" => data = Some(PathBuf::from(value)),
                    _ => given.push((flag, value)),
                }
            }
            _ => return Err(format!("{flag:?} is not an option: see --help")),
        }
    }
    config.control |= control;
    for (flag, value) in given {
        apply(&mut config, &flag, &value)?;
    }
    if config.users.is_empty() && config.groups.is_empty() {
        config.add_demo();
    }
    config.check()?;
    Ok(Command::Run { config: Box::new(config), json, data })
}

fn from_file(path: &str, read: impl Fn(&str) -> std::io::Result<String>) -> Result<Config, String> {
    let text = read(path).map_err(|error| format!("the configuration {path:?} cannot be read: {error}"))?;
    Config::from_json(&text).map_err(|why| format!("the configuration {path:?} is wrong: {why}"))
}

fn apply(config: &mut Config, flag: &str, value: &str) -> Result<(), String> {
    match flag {
        "--ws-port" => config.ws_port = number(flag, value)?,
        "--api-port" => config.api_port = number(flag, value)?,
        "--platform" => config.platform_id = number(flag, value)?,
        "--host" => config.host = value.into(),
        "--like" => config.like = value.parse()?,
        "--store-delay" => config.store_delay_ms = number(flag, value)?,
        "--online-tick" => config.online_tick_ms = number(flag, value)?,
        "--secret" => config.secret = value.into(),
        "--user" => {
            let (id, nickname) = value.split_once(':').unwrap_or((value, ""));
            config.users.push(UserConfig { user_id: id.into(), nickname: nickname.into(), ..UserConfig::default() });
        }
        _ => {
            let wrong = || format!("--group {value:?} has no members: write ID:USER,USER");
            let (id, members) = value.split_once(':').filter(|(_, members)| !members.is_empty()).ok_or_else(wrong)?;
            let members = members.split(',').map(str::to_owned).collect();
            config.groups.push(GroupConfig { group_id: id.into(), members, ..GroupConfig::default() });
        }
    }
    Ok(())
}

fn number<T: std::str::FromStr>(flag: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("{flag} {value:?} is not a number it takes: see --help"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(arguments: &[&str]) -> Result<(Config, bool), String> {
        let file = |path: &str| match path {
            "good.json" => Ok(r#"{"users":[{"userID":"zoe"}],"wsPort":5,"apiPort":6}"#.to_owned()),
            "bad.json" => Ok(r#"{"user":[]}"#.to_owned()),
            _ => Err(std::io::ErrorKind::NotFound.into()),
        };
        match parse(arguments.iter().map(|argument| (*argument).to_owned()), file)? {
            Command::Run { config, json, .. } => Ok((*config, json)),
            other => panic!("not a run: {other:?}"),
        }
    }

    #[test]
    fn the_demo_users_are_the_default() {
        let (config, json) = run(&[]).unwrap();
        assert_eq!((config.users.len(), config.groups.len(), config.ws_port, json), (3, 1, 10001, false));
    }

    #[test]
    fn flags_override_the_file_in_any_order() {
        let arguments =
            ["--ws-port=0", "--config", "good.json", "--user", "yan:Yan:Li", "--group", "g:zoe,yan", "--json"];
        let (config, json) = run(&arguments).unwrap();
        assert_eq!((config.ws_port, config.api_port, json), (0, 6, true));
        assert_eq!(config.users[1].nickname, "Yan:Li");
        assert_eq!(config.groups[0].members, ["zoe", "yan"]);
    }

    #[test]
    fn the_servers_manners_can_be_chosen() {
        let (config, _) = run(&["--like", "3.8.3", "--store-delay", "0", "--online-tick=250"]).unwrap();
        let chosen = (config.like, config.store_delay_ms, config.online_tick_ms);
        assert_eq!(chosen, (testkit::ServerVersion::V3_8_3, 0, 250));
        assert!(run(&["--like", "4"]).unwrap_err().contains("use main or 3.8.3"));
    }

    #[test]
    fn a_mistake_is_one_sentence_with_a_remedy() {
        for (arguments, expected) in [
            (&["--usr", "x"][..], "\"--usr\" is not an option: see --help"),
            (&["--user"], "--user needs a value: see --help"),
            (&["--ws-port", "70000"], "--ws-port \"70000\" is not a number it takes: see --help"),
            (&["--group", "g100"], "--group \"g100\" has no members: write ID:USER,USER"),
            (&["--user", "a", "--group", "g:b"], "group \"g\" names \"b\", who is not a user: add the user"),
            (&["--platform", "12"], "platform 12 does not exist: use 1 to 11 (5 is Web, 7 is Linux)"),
        ] {
            assert_eq!(run(arguments).unwrap_err(), expected);
        }
        assert!(run(&["--host", "0.0.0.0"]).unwrap_err().contains("loopback only"));
        assert!(run(&["--config", "bad.json"]).unwrap_err().contains("unknown field `user`"));
        assert!(run(&["--config", "none.json"]).unwrap_err().contains("\"none.json\" cannot be read"));
    }
}
