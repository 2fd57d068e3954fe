// What the genuine SDK reads files with, and Node has none of: as much of a browser's FileReader as it takes.
if (!("FileReader" in globalThis)) {
  globalThis.FileReader = class FileReader extends EventTarget {
    result = null;
    error = null;
    onload = null;
    onerror = null;
    onloadend = null;

    readAsArrayBuffer(blob) {
      const tell = (name) => {
        const event = new Event(name);
        this[`on${name}`]?.(event);
        this.dispatchEvent(event);
      };
      blob.arrayBuffer().then(
        (buffer) => {
          this.result = buffer;
          tell("load");
          tell("loadend");
        },
        (error) => {
          this.error = error;
          tell("error");
          tell("loadend");
        },
      );
    }
  };
}
