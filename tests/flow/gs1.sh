#!/bin/bash
# The commands gs1 and check gtin|sscc|gln: answers in order, one line a scan, exit codes.
bin=${BAOGONG_BIN:-build/baogong}
n=0; bad=0
ok() { n=$((n + 1)); if [ "$1" = "$2" ]; then echo "ok $n - $3"; else echo "not ok $n - $3"; printf '# wanted %s\n# got    %s\n' "$2" "$1"; bad=1; fi; }

ok "$("$bin" gs1 ']C1010952123454321310ABC\x1D17220630'; echo $?)" '{"ok":true,"ai":[["01","09521234543213"],["10","ABC"],["17","220630"]]}
0' 'a scan with GS written \x1D'
ok "$("$bin" gs1 'https://id.gs1.org/01/09520123456788/10/ABC1/21/12345?17=180426'; echo $?)" \
  '{"ok":true,"ai":[["01","09520123456788"],["10","ABC1"],["21","12345"],["17","180426"]]}
0' 'a Digital Link'
ok "$(printf '%s\n' '4006381333931' '(10)ABC' ']d20109521234543213\x1d' '' | "$bin" gs1 - | sed 's/,"title.*"facts"/ … "facts"/; s/,"title.*//'; echo "${PIPESTATUS[1]}")" \
  '{"ok":true,"ai":[["01","04006381333931"]]}
{"ok":false,"error":"gs1.required" … "facts":{"ai":"10","needs":"01,02,03,8006,8026"}}
{"ok":true,"ai":[["01","09521234543213"]]}
{"ok":false,"error":"gs1.empty"
1' 'lines are answered in order; one bad scan makes exit code 1'
ok "$("$bin" gs1 '(01)09521234543210' | grep -c '"title":"校验不符","title_en":"the check digit is wrong"')" 1 'errors speak both languages'
ok "$("$bin" gs1 --separator '{GS}' '010952123454321310ABC{GS}17220630')" \
  '{"ok":true,"ai":[["01","09521234543213"],["10","ABC"],["17","220630"]]}' 'a scanner that types {GS}'
ok "$("$bin" gs1 --link https://example.com/ '(21)S/1(01)12312312312333(10)ABC+1(99)XY(3103)000195'; echo $?)" \
  '{"ok":true,"link":"https://example.com/01/12312312312333/10/ABC%2B1/21/S%2F1?3103=000195&99=XY"}
0' 'a canonical link'
ok "$(printf '%s\n' '(01)12312312312326(21)abc123' '(99)XYZ789' | "$bin" gs1 --link https://example.com - | sed 's/,"title.*//'; echo "${PIPESTATUS[1]}")" \
  '{"ok":true,"link":"https://example.com/01/12312312312326/21/abc123"}
{"ok":false,"error":"gs1.no-key"
1' 'links of lines; without a key there is none'
"$bin" gs1 >/dev/null 2>&1; ok $? 2 'no scan at all is a usage error'
"$bin" gs1 --link example.com '(01)12312312312326' >/dev/null 2>&1; ok $? 2 'so is a stem without a scheme'
ok "$("$bin" check gtin 02345680 4006381333931 | tr '\n' ' ')" \
  '{"value":"02345680","ok":true,"normal":"00000002345680"} {"value":"4006381333931","ok":true,"normal":"04006381333931"} ' 'check gtin'
ok "$("$bin" check sscc 123456789012345675; "$bin" check gln 1234567890128; echo $?)" \
  '{"value":"123456789012345675","ok":true,"normal":"123456789012345675"}
{"value":"1234567890128","ok":true,"normal":"1234567890128"}
0' 'check sscc and gln'
ok "$("$bin" check gln 1234567890127 | sed "s|,\"title.*||"; echo "${PIPESTATUS[0]}")" '{"value":"1234567890127","ok":false,"error":"gs1.check"
1' 'a wrong check digit'
echo "1..$n"
exit $bad
