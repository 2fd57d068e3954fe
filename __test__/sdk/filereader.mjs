// What the genuine SDK reads files with, and Node has none of: as much of a browser's FileReader as it takes.
if (!("FileReader" in globalThis)) {
  globalThis.FileReader = class FileReader extends EventTarget {
    result = null;
    error = null;
    onload = null;
    onerror = null;
    onloadend = null;

    constructor() {
      super();
      for (const name of ["load", "error", "loadend"]) {
        this.addEventListener(name, (event) => this[`on${name}`]?.(event));
      }
    }

    readAsArrayBuffer(blob) {
      const settle = (name, result) => {
        Object.assign(this, result);
        for (const each of [name, "loadend"]) this.dispatchEvent(new Event(each));
      };
      blob.arrayBuffer().then(
        (buffer) => settle("load", { result: buffer }),
        (error) => settle("error", { error }),
      );
    }
  };
}
