* Who said what how often: the table of `dragoman export csv` with Stata 16 or newer.
* do tables.do table.csv
version 16
args table

* Everything as words first, so that no code loses its zeros; a quote may run over several lines.
import delimited using "`table'", varnames(1) case(preserve) encoding("utf-8") ///
    bindquotes(strict) maxquotedrows(unlimited) stringcols(_all) clear
destring lat lon geonameid start end confidence, replace

* date may be a month or a year, which daily() leaves missing; published is always a day.
generate day = daily(published, "YMD")
generate month = mofd(day)
format day %td
format month %tm

preserve
keep if kind == "statement" & status == "said"
contract sources type, freq(times)
gsort -times sources type
list, noobs
restore

keep if kind == "event" & status == "actual"
contract month sources targets type, freq(times)
sort month sources targets type
list, noobs
