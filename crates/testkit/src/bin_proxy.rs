//! `openim-chaos-proxy`: the proxy of this crate as a program.

use std::io::Write as _;
use std::process::ExitCode;

use testkit::ChaosProxy;

const HELP: &str = "\
openim-chaos-proxy: a TCP proxy on loopback that spoils lines on command

Usage: openim-chaos-proxy --to HOST:PORT [--port N] [--control-port N]

It prints one line of JSON with its addresses and runs until Ctrl-C.
POST /set to the control address with a weather, for example
  {\"latencyMs\":50,\"bytesPerSecond\":10000}   {\"resetAfter\":700,\"way\":\"down\",\"times\":1}   {\"blackhole\":true}   {}
and POST /cut, /reset or /traffic.
";

struct Wanted {
    to: String,
    port: u16,
    control_port: u16,
}

fn main() -> ExitCode {
    let wanted = match parse(std::env::args().skip(1)) {
        Ok(Some(wanted)) => wanted,
        Ok(None) => return say(HELP),
        Err(why) => return complain(&why, 2),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    match runtime.and_then(|tokio| tokio.block_on(run(&wanted))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&format!("{error}: free the port or choose another, 0 is any"), 1),
    }
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Wanted>, String> {
    let mut wanted = Wanted { to: String::new(), port: 0, control_port: 0 };
    while let Some(flag) = arguments.next() {
        if flag == "--help" || flag == "-h" {
            return Ok(None);
        }
        let value = arguments.next().ok_or_else(|| format!("{flag} needs a value: see --help"))?;
        let number = || value.parse().map_err(|_| format!("{flag} {value:?} is no port: see --help"));
        match flag.as_str() {
            "--to" => wanted.to = value,
            "--port" => wanted.port = number()?,
            "--control-port" => wanted.control_port = number()?,
            _ => return Err(format!("{flag:?} is not an option: see --help")),
        }
    }
    if wanted.to.rsplit_once(':').is_none_or(|(host, port)| host.is_empty() || port.parse::<u16>().is_err()) {
        return Err("--to HOST:PORT says where lines lead: see --help".into());
    }
    Ok(Some(wanted))
}

async fn run(wanted: &Wanted) -> std::io::Result<()> {
    let proxy = ChaosProxy::start(wanted.port, &wanted.to).await?;
    let control = proxy.control(wanted.control_port).await?;
    say(&format!("{{\"address\":\"{}\",\"control\":\"http://{control}\"}}\n", proxy.address()));
    // Without a way to be told, the program runs until it is ended from outside.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
    proxy.stop().await;
    Ok(())
}

fn say(text: &str) -> ExitCode {
    // A reader that went away does not stop the proxy.
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    ExitCode::SUCCESS
}

fn complain(why: &str, code: u8) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "openim-chaos-proxy: {why}");
    ExitCode::from(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Option<Wanted>, String> {
        parse(arguments.iter().map(|argument| (*argument).to_owned()))
    }

    #[test]
    fn where_lines_lead_has_to_be_said() {
        let wanted = parsed(&["--to", "[::1]:10001", "--port", "7"]).unwrap().unwrap();
        assert_eq!((wanted.to.as_str(), wanted.port, wanted.control_port), ("[::1]:10001", 7, 0));
        assert!(parsed(&["--help"]).unwrap().is_none());
        for wrong in
            [&[][..], &["--to"], &["--to", "host"], &["--to", ":1"], &["--to", "h:1", "--port", "x"], &["-x", "1"]]
        {
            assert!(parsed(wrong).err().unwrap().contains("--help"), "{wrong:?}");
        }
    }
}
