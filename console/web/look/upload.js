// Files are sent as they are, straight from the disk of who chose them, with a bar that shows how far it is.
// A field with data-upload gets an event when it ends: "uploaded" with what the server answered, or "refused".
(() => {
  const parts = (field) => {
    const area = field.closest(".drop");
    return { area, bar: area.querySelector("progress"), told: area.querySelector(".drop-told") };
  };
  const tell = (field, name, detail) => field.dispatchEvent(new CustomEvent(name, { detail }));

  const finish = (field) => {
    const { area, bar, told } = parts(field);
    area.classList.remove("busy");
    bar.hidden = true;
    told.textContent = "";
    field.value = "";
    field.disabled = false;
  };

  const refuse = (field, text) => {
    finish(field);
    tell(field, "refused", text);
  };

  // A browser does not say why sending failed; a file that can no longer be read has changed or is gone.
  const lost = (field, file) =>
    file
      .slice(0, 1)
      .arrayBuffer()
      .then(() => refuse(field, field.dataset.lost))
      .catch(() => refuse(field, field.dataset.changed));

  const answered = (field, file, request) => {
    let answer = {};
    try {
      answer = JSON.parse(request.responseText);
    } catch {
      answer = {};
    }
    if (request.status === 201) {
      finish(field);
      tell(field, "uploaded", answer);
    } else {
      refuse(field, answer.detail || field.dataset.lost);
    }
  };

  const send = (field, file) => {
    const { area, bar, told } = parts(field);
    if (field.disabled) return;
    if (file.size > Number(field.dataset.limit)) return refuse(field, field.dataset.large);
    if (file.size === 0) return refuse(field, field.dataset.empty);
    const request = new XMLHttpRequest();
    request.open("POST", "/api/v1/uploads?name=" + encodeURIComponent(file.name.slice(-400)));
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => {
      const percent = event.total ? Math.floor((100 * event.loaded) / event.total) : 0;
      bar.value = percent;
      told.textContent = field.dataset.sending.replace("%", percent + " %").replace("#", file.name);
    };
    request.onload = () => answered(field, file, request);
    request.onerror = () => lost(field, file);
    request.onabort = () => refuse(field, field.dataset.lost);
    area.classList.add("busy");
    bar.hidden = false;
    bar.value = 0;
    field.disabled = true;
    request.send(file);
  };

  // A file may have been chosen before this script was there.
  document.querySelectorAll("input[data-upload]").forEach((field) => field.files.length && send(field, field.files[0]));

  const area = (event) => event.target.closest && event.target.closest(".drop");
  document.addEventListener("change", (event) => {
    if (event.target.matches("input[data-upload]") && event.target.files.length) send(event.target, event.target.files[0]);
  });
  ["dragover", "dragenter"].forEach((name) =>
    document.addEventListener(name, (event) => {
      if (!area(event)) return;
      event.preventDefault();
      area(event).classList.add("over");
    }),
  );
  document.addEventListener("dragleave", (event) => area(event) && area(event).classList.remove("over"));
  document.addEventListener("drop", (event) => {
    const into = area(event);
    if (!into) return;
    event.preventDefault();
    into.classList.remove("over");
    const field = into.querySelector("input[data-upload]");
    const files = event.dataTransfer.files;
    if (files.length === 1) send(field, files[0]);
    else refuse(field, field.dataset.one);
  });
})();
