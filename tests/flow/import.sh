#!/bin/bash
# The commands import and export: headers in two languages, all errors at once, error files that import once corrected, exports that
# change nothing, every encoding, XLSX, mapping files, real lists. On SQLite, and on PostgreSQL when there is one.
bin=$(realpath "${BAOGONG_BIN:-build/baogong}"); top=$(realpath "${BAOGONG_TOP:-.}")
dir=$(mktemp -d "${BAOGONG_TEST_TMP:-/tmp}/import.XXXXXX"); trap 'rm -rf "$dir"' EXIT; cd "$dir" || exit 1
n=0; bad=0
ok() { n=$((n + 1)); if [ "$1" = "$2" ]; then echo "ok $n - $3"; else echo "not ok $n - $3"; printf '# wanted %s\n# got    %s\n' "$2" "$1"; bad=1; fi; }
# What an import says: rows, imported, unchanged, errors, exit code.
run() {
  "$bin" import "$@" --db "$db" >answer 2>message; local code=$?
  echo "$(sed -n 's/.*"rows":\([0-9]*\),"imported":\([0-9]*\),.*"unchanged":\([0-9]*\),"errors":\([0-9]*\).*/\1 \2 \3 \4/p' answer) $code"
}

cat >owners.csv <<'END'
code,name_zh,kind
CITY,市级储备,city
DONOR,捐赠,捐赠
END
cat >items.csv <<'END'
物资编码,物资名称,规格型号,基本单位,储存条件,保质期天数,管批号,重点物资,商品条码
FHF-001,医用防护服,XL,件,常温,"1,095",是,是,06901234567892
KZ-002,医用防护口罩,N95,个,常温,1825,是,是,
=SUM(1),公式,"a,b",个,冷藏,,否,否,
END
cat >places.csv <<'END'
code,name_zh,kind,parent,owner,district,address,latitude,longitude,can
KG,天津空港专库,储备库,,CITY,120110,航空路 1 号,39.130001,117.4,存储、收货、发货、盘点、分货位
JN,津南区前置库,forward,KG,CITY,120112,,-0.5,,
END
printf 'place,code,name,storage\nKG,A-01,一区,阴凉\n' >bins.csv
printf 'item,batch,maker,made,expiry,certificate\nFHF-001,B1,甲厂,2022/1/8,,ZS-1\nKZ-002,20220108,,2022年1月8日,2024-01-07,\n' >lots.csv
printf 'item,unit,units\nFHF-001,箱,20\n' >packs.csv
printf 'item,scheme,code,units\nFHF-001,gtin,16901234567899,20\nKZ-002,ma,MA.156.1001,1\n' >codes.csv
kinds=(owners items packs codes places bins lots)
counts=(2 3 1 2 2 1 2)

round_trips() {
  for i in "${!kinds[@]}"; do
    ok "$(run "${kinds[i]}" "${kinds[i]}.csv")" "${counts[i]} ${counts[i]} 0 0 0" "$1: ${kinds[i]} are imported"
    ok "$(run "${kinds[i]}" "${kinds[i]}.csv")" "${counts[i]} 0 ${counts[i]} 0 0" "$1: ${kinds[i]} again change nothing"
  done
  for kind in "${kinds[@]}"; do
    for format in csv xlsx; do
      "$bin" export "$kind" --db "$db" --format $format --output out.$format
      rows=$(($("$bin" export "$kind" --db "$db" | grep -c .) - 1))
      ok "$(run "$kind" out.$format)" "$rows 0 $rows 0 0" "$1: an export of $kind as $format changes nothing"
    done
  done
  "$bin" export items --db "$db" --names zh --bom >zh.csv
  ok "$(run items zh.csv)" '3 0 3 0 0' "$1: headers in Chinese, with a mark for Excel"
  for encoding in GB18030 GBK UTF-16LE UTF-16BE; do
    iconv -f UTF-8 -t $encoding items.csv >coded.csv
    ok "$(run items coded.csv) $(grep -o '"encoding":"[^"]*"' answer)" \
      "3 0 3 0 0 \"encoding\":\"$(echo ${encoding/GBK/GB18030} | tr A-Z a-z)\"" "$1: $encoding is found out"
  done
  ok "$("$bin" export items --db "$db" --format json | sed -n 3p | cut -c-59)" \
    '{"code":"=SUM(1)","name_zh":"公式","name_en":"","spec":"a' "$1: JSON, one object a line"
  ok "$("$bin" export items --db "$db" | grep -c "^'=SUM(1)")" 1 "$1: a formula is guarded in the file"
}

errors() {
  printf '物资编码,物资名称,基本单位,储存条件,保质期天数\nA1,x,个,常温,-5\nA2,y,个,热,3\nA3,z,,常温,1\n,w,个,,\nA5,v,个,,\n' >bad.csv
  ok "$(run items bad.csv --dry-run)" '5 0 0 4 1' "$1: a dry run finds four bad rows"
  ok "$(run items bad.csv)" '5 0 0 4 1' "$1: four bad rows, nothing imported"
  ok "$("$bin" export items --db "$db" | grep -c ^A)" 0 "$1: not even the good one"
  ok "$(sed 's/,.*//' bad.csv.errors.csv | tr '\n' ' ')" '错误行 error_line 2 3 4 5 ' "$1: all of them are in the error file, with their lines"
  sed -i "s/'-5/5/; s/,热,/,冷藏,/; s/,z,,/,z,个,/; s/,,w,/,A4,w,/" bad.csv.errors.csv
  ok "$(run items bad.csv.errors.csv) $(ls bad.csv.errors.csv.errors.csv 2>/dev/null)" '4 4 0 0 0 ' "$1: corrected, it imports unchanged"
  printf 'code,name_zh,unit\nB1,x,个\nB2,,个\nB3,y,个\n' >some.csv
  ok "$(run items some.csv --skip-bad)" '3 2 0 1 1' "$1: bad rows can be left out"
  ok "$("$bin" export items --db "$db" | grep -c '^B')" 2 "$1: and the others are in"
  printf 'code,shelf_life_days\nB1,30\n' >one.csv
  ok "$(run items one.csv) $("$bin" export items --db "$db" | grep ^B1 | tr -d "\r")" '1 1 0 0 0 B1,x,,,个,,,normal,30,0,false,false,true,' \
    "$1: columns that are not in the file stay as they are"
  printf 'code,name_zh,unit,colour\nB9,x,个,red\n' >unknown.csv
  ok "$(run items unknown.csv) $(grep -o 'headers":\["colour"\]' message)" ' 1 headers":["colour"]' "$1: an unknown column is refused by name"
  printf 'item,batch\nNONE,1\n' >none.csv
  ok "$(run lots none.csv) $(grep -o '"code":"[a-zA-Z.-]*"' answer | tr '\n' ' ')" \
    '1 0 0 1 1 "code":"import.reference" "code":"NONE" ' "$1: a code that refers to nothing"
  printf 'code,name_zh,unit\nT1,x,个\nT1,y,个\nT2,z,个\nT2,z,个\n' >twice.csv
  ok "$(run items twice.csv --dry-run) $(grep -o 'import.twice' answer)" '4 0 1 1 1 import.twice' "$1: one record twice, with different content"
  printf '\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1' >old.xls
  ok "$(run items old.xls) $(grep -o 'xlsx.old' message)" ' 1 xlsx.old' "$1: an old .xls is refused with a hint"
  ok "$(run items missing.csv)" ' 3' "$1: a file that is not there"
  "$bin" import people x.csv --db "$db" 2>message
  ok "$? $(grep -o 'KIND: owners items' message)" '2 KIND: owners items' "$1: an unknown kind lists those there are"
}

# The relief catalogue of Sahana Eden (MIT): 11,782 items, a few of which are not UTF-8.
relief_list() {
  cp "$top/tests/data/peers/sahana/IFRC_supply_item_ifrc_standard.csv" ifrc.csv
  ok "$(run items ifrc.csv --map "$top/data/maps/sahana-items.json" --dry-run)" '11782 0 0 5 1' "$1: the IFRC list has five damaged rows"
  ok "$(cut -d, -f1 ifrc.csv.errors.csv | tail -n +2 | tr '\n' ' ')" '6261 6264 6266 6267 6273 ' "$1: and they are named"
  ok "$(run items ifrc.csv --map "$top/data/maps/sahana-items.json" --skip-bad)" '11782 11777 0 5 1' "$1: the other 11,777 are imported"
}

day=$(date -u -d '3 days ago' +%F)
movements() {
  cat >moves.csv <<END
单据号,类型,发生时间,物资编码,批号,生产企业,数量,地点编码,发出货位,接收地点,接收货位,原因,备注
R1,入库单,$day 09:00,FHF-001,B1,甲厂,100,KG,,,A-01,采购,
R1,入库单,$day 09:00,KZ-002,20220108,,"1,500",KG,,,A-01,采购,首批
C1,出库单,$day 10:00,FHF-001,B1,甲厂,30,KG,A-01,JN,,调拨,
U1,使用登记,$day 11:00,FHF-001,B1,甲厂,5,JN,,,,使用,
U1,使用登记,$day 11:00,FHF-001,B1,甲厂,5,JN,,,,使用,
END
  ok "$(run movements moves.csv --dry-run)" '5 0 0 0 0' "$1: movements are tried"
  ok "$(run movements moves.csv)" '5 5 0 0 0' "$1: movements are imported, two of them alike"
  ok "$(run movements moves.csv)" '5 0 5 0 0' "$1: the same file again changes nothing"
  "$bin" export movements --db "$db" >moved.csv
  ok "$(cut -d, -f4,6,9,11,16,18 moved.csv | tr -d '\r')" 'kind,item,qty,from_place,to_bin,to_status
receive,FHF-001,100,KG,A-01,usable
receive,KZ-002,1500,KG,A-01,usable
issue,FHF-001,30,KG,,usable
use,FHF-001,5,JN,,used
use,FHF-001,5,JN,,used' "$1: and come out with both sides written out"
  ok "$(run movements moved.csv)" '5 0 5 0 0' "$1: an export of movements changes nothing"
  "$bin" export movements --db "$db" --format xlsx --names zh --output moved.xlsx
  ok "$(run movements moved.xlsx)" '5 0 5 0 0' "$1: nor does one as xlsx"
  sed 's/,1500,/,1400,/' moved.csv >altered.csv
  ok "$(run movements altered.csv) $(grep -o 'import.movement-changed' answer)" '5 0 4 1 1 import.movement-changed' "$1: a movement is never changed"
  sed 's/R1/R2/; s/^C1.*/C2,出库单,'"$day"' 12:00,FHF-001,B1,甲厂,1,KG,A-01,,,调拨,/; s/,5,JN/,0,JN/' moves.csv >wrong.csv
  ok "$(run movements wrong.csv; cut -d, -f1,2 wrong.csv.errors.csv | tail -n +2)" '5 0 0 3 1
4,接收地点
5,数量
6,数量' "$1: every bad movement is found"
  printf 'ref,kind,occurred_at,item,batch,maker,qty,place,reason\nX-1,receive,%s,FHF-001,B1,甲厂,7,JN,捐赠\n' "$day" >ref.csv
  ok "$(run movements ref.csv) $(sed -i 's/,7,/,8,/' ref.csv; run movements ref.csv)" '1 1 0 0 0 1 0 1 0 0' "$1: a reference of the source is taken in once"
}

standards() {
  printf 'item,place,level,from,qty,days,note\nFHF-001,KG,4,2021-10-16,100000,,测算 A\nFHF-001,KG,3,2021-10-16,,7.5,\nKZ-002,JN,4,2021-10-16,0,,\n' >standards.csv
  ok "$(run standards standards.csv) $(run standards standards.csv)" '3 3 0 0 0 3 0 3 0 0' "$1: standards, by quantity and by days of cover"
  sed -i 's/100000/140000/' standards.csv
  ok "$(run standards standards.csv)" '3 1 2 0 0' "$1: a new version of one"
  "$bin" export standards --db "$db" >out.csv
  ok "$(run standards out.csv) $(grep -c . out.csv) $(grep -c '140000' out.csv)" '3 0 3 0 0 4 1' "$1: an export has the versions that count and changes nothing"
  printf '物资编码,地点编码,级别,生效日期,标准数量\nFHF-001,KG,5,2022-01-01,1\nFHF-001,KG,1,2022-01-01,\n' >out.csv
  ok "$(run standards out.csv)" '2 0 0 2 1' "$1: a level that there is not, a standard of nothing"
}

suite() { round_trips "$1"; movements "$1"; standards "$1"; errors "$1"; relief_list "$1"; }

db=$dir/test.db
suite SQLite
if [ -n "${BAOGONG_TEST_PG:-}" ]; then
  case $BAOGONG_TEST_PG in *\?*) sep='&' ;; *) sep='?' ;; esac
  db="$BAOGONG_TEST_PG${sep}options=-csearch_path%3Dt_import_$$"
  suite PostgreSQL
else
  n=$((n + 1)); echo "ok $n # SKIP no PostgreSQL"
fi
echo "1..$n"
exit $bad
