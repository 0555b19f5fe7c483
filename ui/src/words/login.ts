import { words } from "./words";

export const login = words({
  "login.stale": ["That link was used already or is too old: a link signs in one browser, once.", "이미 사용했거나 오래된 링크입니다. 링크 하나로는 브라우저 한 곳에서 한 번만 로그인할 수 있습니다."],
  "login.fresh": ["This command prints a fresh one; open the address it prints:", "아래 명령을 실행하면 새 링크가 출력됩니다. 출력된 주소를 여세요."],
  "login.data": ["Add --data and its directory if the server was started with --data.", "서버를 --data 옵션으로 시작했다면 같은 --data 디렉터리를 덧붙이세요."],
});
